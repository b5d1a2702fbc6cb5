import { describeCluster } from "./cluster-suite.ts";

await describeCluster("postgres");
