import { render } from "preact";

render(<p>Taskwire</p>, document.body);
