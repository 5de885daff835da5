/** Something that must never be; `detail` is for the person who looks into it, line by line. */
export interface Violation {
  judge: "linearizability" | "logs" | "homes" | "topology" | "digests" | "end" | "faults";
  message: string;
  detail: string[];
}
