/** One part of a description: what goes one way over one line of media. */
export interface Section {
  readonly mid: string;
  readonly sends: boolean;
  /** The name of the track that is sent. */
  readonly track: string | undefined;
  /** The number under which packets say how loud they are. */
  readonly levels: number | undefined;
}

/** The parts of a description that are for media. */
export function sectionsOf(sdp: string): Section[] {
  const [, ...sections] = sdp.split(/\r?\n(?=m=)/);
  return sections
    .filter((section) => /^m=(audio|video) /.test(section))
    .map((section) => ({
      mid: /^a=mid:(.*)$/m.exec(section)?.[1]?.trim() ?? "",
      sends: /^a=(sendonly|sendrecv)\s*$/m.test(section) && !/^m=\w+ 0 /.test(section),
      track: /^a=msid:\S+ (\S+)/m.exec(section)?.[1],
      levels: numberOf(/^a=extmap:(\d+) urn:ietf:params:rtp-hdrext:ssrc-audio-level/m.exec(section)?.[1]),
    }));
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
