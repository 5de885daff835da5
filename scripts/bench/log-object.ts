/** What both designs of the log answer to, each for a table or an array of one size. */
export interface LogObject {
  /** Fills the log, or brings it back to that size. Answers what storage refused, or null. */
  resize(rows: number): Promise<string | null>;
  append(appends: number): Promise<string | null>;
  /** Reads pages, newest first; answers the rows read. */
  page(pages: number, pageRows: number): Promise<number>;
}
