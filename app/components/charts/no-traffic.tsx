import { Snippet } from "../ui/copy-button.tsx";
import { Empty } from "../ui/status.tsx";

interface NoTrafficProps {
  origin: string;
  /** False: somebody who counts operations did not answer. */
  isKnown: boolean;
}

/** An empty chart, and what fills it; or that nobody knows whether it is empty. */
export default function NoTraffic({ origin, isKnown }: NoTrafficProps) {
  if (!isKnown) {
    return (
      <Empty icon="activity" title="No operations that are known">
        There may have been some: not everybody who counts them answers.
      </Empty>
    );
  }
  return (
    <Empty
      icon="activity"
      title="No operations in this time"
      action={
        <div className="flex w-full max-w-2xl min-w-0 flex-col gap-2 text-start">
          <Snippet label="Command that stores and reads an entry" text={curlFor(origin)} />
          <Snippet label="Command that makes traffic" text={`npm run traffic -- --url ${origin}`} />
        </div>
      }
    >
      Choose a longer range, or send some: the first command stores an entry and reads it back, the
      second drives a mix of types for a while. Both want a token:{" "}
      <code className="font-mono">export CEPATEDGE_TOKEN=…</code> with the one that{" "}
      <code className="font-mono">npm run dev</code> has printed, or with another that{" "}
      <code className="font-mono">npm run access -- token create NAME --scopes read,write</code>{" "}
      makes.
    </Empty>
  );
}

function curlFor(origin: string): string {
  const url = `${origin}/v1/cache/product/hello`;
  const token = '-H "Authorization: Bearer $CEPATEDGE_TOKEN"';
  return `curl ${token} -X PUT --data "world" "${url}?ttl=300"\ncurl ${token} -i "${url}"`;
}
