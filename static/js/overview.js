// Jobs on a project's page: how far they are, and the page anew when one has ended.

import { jobs } from "./jobs.js";

jobs(document.body, () => location.reload());
