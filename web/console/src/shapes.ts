import type { CallView, Device, GroupView, InvitationView, Member, Reach } from "@wigwag/sdk";

/** What the API answers (spec/openapi.json), as far as the console reads it. */
export interface User {
  readonly userID: string;
  readonly nickname: string;
  readonly faceURL: string;
  readonly ext: string;
  readonly reach: Reach;
  readonly disabledSince?: number;
}

export interface Users {
  readonly users: readonly User[];
  readonly next?: string;
}

export interface Devices {
  readonly devices: readonly Device[];
}

export interface OpenInvitations {
  readonly invitations: readonly InvitationView[];
  readonly next?: string;
}

/** What the key may do. */
export interface Key {
  readonly name: string;
  readonly scopes: readonly string[];
}

export interface CallPage {
  readonly calls: readonly CallView[];
  readonly next?: string;
}

export interface GroupPage {
  readonly groups: readonly GroupView[];
  readonly next?: string;
}

export interface MemberPage {
  readonly members: readonly Member[];
  readonly next?: string;
}

export interface IssuedToken {
  readonly token: string;
  readonly expiresAt: number;
}

export interface Endpoint {
  readonly endpoint: string;
  readonly events: readonly string[];
  readonly pausedSince?: number;
  readonly waiting: number;
  readonly setAside: number;
  readonly oldest?: number;
}

export interface Endpoints {
  readonly endpoints: readonly Endpoint[];
}

export interface TestOutcome {
  readonly delivered: boolean;
  readonly detail: string;
}

export interface Step {
  readonly time: number;
  readonly type: string;
  readonly by?: string;
  readonly device?: Device;
  readonly told: readonly { readonly userID: string; readonly cursor: number }[];
  readonly event: { readonly [field: string]: unknown };
}

export interface StoryEndpoint {
  readonly endpoint: string;
  readonly state: "unwanted" | "told" | "waiting" | "refused";
  readonly attempts?: number;
  readonly nextAt?: number;
}

export interface Story {
  readonly invitation: InvitationView;
  readonly call?: CallView;
  readonly steps: readonly Step[];
  readonly complete: boolean;
  readonly webhooks: readonly StoryEndpoint[];
}
