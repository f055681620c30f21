/** What to show for every result and code: docs/reference/sdk.md */

export interface Options {
  /** The game's id: the name of its file in config/game-config. */
  game: string;
  /** Where the edge answers; "/api" unless said otherwise. */
  api?: string;
  /** What a new player is called: "Player" and a bit of the id unless said otherwise. */
  name?: string;
  /** Where the player is kept; localStorage unless said otherwise, null for nowhere. */
  storage?: Storage | null;
  fetch?: typeof fetch;
  /** false for a game whose limits.pauseMs is 0: the clock then runs on while the tab is hidden. */
  pauses?: boolean;
}

/** Loads the player, or makes one. Asks nothing of the network. */
export function connect(options: Options): Promise<Game>;

export interface Game {
  readonly id: string;
  readonly player: { readonly id: string; readonly name: string };
  /** false: storage is blocked, and the player lasts as long as the page. */
  readonly remembered: boolean;
  /** Cleans the name as the server does and cuts it to 24 characters; throws "bad_name" if nothing is left. */
  rename(name: string): void;
  /** A code to carry to another device. Whoever has it is this player. */
  exportPlayer(): string;
  /** Becomes the player of the code; rejects with "bad_player_code". */
  importPlayer(code: string): Promise<void>;
  /** Begins a play at the edge. `running`: the game does not wait, so its time counts from this call. */
  start(options?: { signal?: AbortSignal; running?: boolean }): Promise<Play>;
  /** A board as the CDN has it: "all" unless said otherwise, an alias or an id such as "2026-11". */
  ranking(period?: string, options?: { limit?: number; signal?: AbortSignal }): Promise<Ranking>;
}

export interface Play {
  /** Measured, without pauses and hidden tab; once the edge has attested it, what counts. */
  readonly playMs: number;
  pause(): void;
  resume(): void;
  /** Stops the clock and has the play time attested. submit does it otherwise. */
  finish(): void;
  submit(score: number, options?: SubmitOptions): Promise<Result>;
}

export interface SubmitOptions {
  /** The boards, one of a kind; ["all"] unless said otherwise. */
  periods?: string[];
  meta?: object;
  signal?: AbortSignal;
  /** Called before each further attempt. */
  onRetry?: (attempt: number) => void;
}

export type Order = [key: string, direction: "asc" | "desc"][];

export type Result =
  /** Some board took it. */
  | { status: "ranked"; rankChanged: boolean; boards: Record<string, Board> }
  /** An earlier entry of this player is as good or better. */
  | { status: "kept"; boards: Record<string, Board> }
  /** The boards are full, and the score is not better than their last entries. */
  | {
      status: "not_qualified";
      score: number;
      timeMs: number;
      /** The last entry's values, if the edge reported them. */
      needed?: Partial<Record<"score" | "timeMs" | "updatedAt", number>>;
      order?: Order;
      /** null: the player has no entry on these boards; missing if the edge refused the score. */
      best?: number | null;
    };

export interface Board {
  accepted: boolean;
  rank: number | null;
  best: Entry | null;
  top: Entry[];
}

export interface Entry {
  rank: number;
  userId: string;
  userName: string;
  score: number;
  timeMs: number;
  updatedAt: string;
  /** The name looks like another one on the board. Missing where it does not. */
  lookalike?: true;
}

export interface Ranking {
  gameId: string;
  period: string;
  order: Order;
  topN: number;
  items: Entry[];
  updatedAt: string | null;
}

export class HtmlgameError extends Error {
  /**
   * A code of the API, or one of the SDK's own: "offline", "aborted", "bad_answer", "bad_name",
   * "bad_player_code", "bad_score", "error_page", "insecure_page", "play_over".
   */
  readonly code: string;
  /** The HTTP status; 0 where no answer came or none was asked for. */
  readonly status: number;
  /** Whether the same call may succeed when made again. */
  readonly retryable: boolean;
  /** How long the server asked to wait; 0 where it did not. */
  readonly retryAfterMs: number;
}
