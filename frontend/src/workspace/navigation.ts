/** Going from task to task within the page: the address changes, nothing is loaded twice. Knows history; opens nothing itself. */

/** Take the person to a task: resolves when it is on screen, rejects where it cannot be. */
export type Arrive = (task: number) => Promise<void>;

export class Navigation {
  private wanted: number;

  constructor(
    private readonly project: number,
    start: number,
    private readonly arrive: Arrive,
  ) {
    this.wanted = start;
    history.replaceState({ task: start }, "");
    addEventListener("popstate", (event: PopStateEvent) => void this.show(taskOf(event.state) ?? start));
  }

  async goTo(task: number): Promise<void> {
    if (task === this.wanted) return;
    history.pushState({ task }, "", addressOf(this.project, task));
    await this.show(task);
  }

  /** Whether the person still wants to be there: answers may come in another order than the wishes. */
  isWanted(task: number): boolean {
    return task === this.wanted;
  }

  private async show(task: number): Promise<void> {
    this.wanted = task;
    await this.arrive(task);
  }
}

export function addressOf(project: number, task: number): string {
  return `/projects/${project}/tasks/${task}/`;
}

function taskOf(state: unknown): number | null {
  return typeof state === "object" && state !== null && "task" in state && typeof state.task === "number" ? state.task : null;
}
