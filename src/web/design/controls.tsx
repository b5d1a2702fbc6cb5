/** What is pressed and filled in. */
import { useState } from "preact/hooks";
import { Button, type ButtonKind, IconButton } from "../ui/button.tsx";
import { Combobox } from "../ui/combobox.tsx";
import { Checkbox, Field, Problem, SelectField, TextArea } from "../ui/field.tsx";
import { TabLinks, Tabs } from "../ui/tabs.tsx";
import { Sample, Section } from "./section.tsx";

const kinds: readonly ButtonKind[] = ["primary", "secondary", "ghost", "danger"];
const options = ["Ana", "Ben", "Eve", "Finn"].map((text) => ({
  id: text,
  text,
  hint: `${text.toLowerCase()}@example.org`,
}));

export function ControlsSection() {
  return (
    <>
      <Section title="Buttons">
        {kinds.map((kind) => (
          <div key={kind} class="design-row">
            <Sample name={kind}>
              <Button kind={kind}>Save</Button>
            </Sample>
            <Sample name="with an icon">
              <Button kind={kind} icon="plus">
                New task
              </Button>
            </Sample>
            <Sample name="small">
              <Button kind={kind} size="small">
                Save
              </Button>
            </Sample>
            <Sample name="busy">
              <Button kind={kind} busy>
                Save
              </Button>
            </Sample>
            <Sample name="disabled">
              <Button kind={kind} disabled>
                Save
              </Button>
            </Sample>
            <Sample name="chosen">
              <Button kind={kind} aria-pressed>
                Save
              </Button>
            </Sample>
            <Sample name="icon alone">
              <IconButton kind={kind} icon="edit" label={`Edit (${kind})`} />
            </Sample>
          </div>
        ))}
      </Section>
      <Section title="Fields">
        <div class="design-fields">
          <Field label="Name" name="name" />
          <Field label="With a hint" name="hint" hint="At least 8 characters." />
          <Field label="Wrong" name="wrong" defaultValue="ana@" problem="This is no e-mail address." />
          <Field label="Disabled" name="disabled" defaultValue="Cannot be changed" disabled />
          <Field label="The label inside" name="inside" inside />
          <SelectField
            label="One of several"
            options={[
              { value: "a", text: "First" },
              { value: "b", text: "Second" },
            ]}
          />
          <TextArea label="Several lines" name="text" />
          <div>
            <Checkbox label="A choice" defaultChecked />
            <Checkbox label="A switch" hint="It acts at once." isSwitch defaultChecked />
          </div>
        </div>
        <Problem text="What is wrong with the form as a whole." />
      </Section>
      <Section title="List to search">
        <People />
      </Section>
      <Section title="Tabs">
        <Panes />
      </Section>
    </>
  );
}

function People() {
  const [chosen, setChosen] = useState<readonly string[]>(["Ben"]);
  const toggle = (id: string) =>
    setChosen((was) => (was.includes(id) ? was.filter((other) => other !== id) : [...was, id]));
  return (
    <div class="design-stage">
      <Combobox
        label="People"
        options={options}
        selected={chosen}
        multiple
        onSelect={toggle}
        emptyText="Nobody of that name."
        create={{ text: (typed) => `Invite “${typed}”`, run: () => undefined }}
      />
    </div>
  );
}

function Panes() {
  const [selected, select] = useState<"comments" | "activity">("comments");
  return (
    <>
      <Tabs
        label="Parts of a task"
        tabs={[
          { id: "comments", text: "Comments", count: 3 },
          { id: "activity", text: "Activity" },
        ]}
        selected={selected}
        onSelect={select}
      >
        <p>The pane of {selected}.</p>
      </Tabs>
      <TabLinks
        label="Parts of this page"
        links={[
          { id: "design", text: "Design", href: "/design" },
          { id: "projects", text: "Projects", href: "/" },
        ]}
        selected="design"
      />
    </>
  );
}
