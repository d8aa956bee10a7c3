/*
 * Muster's typed client, one method for each operation. Generated from openapi.json by `npm run client`, with
 * swagger-typescript-api; do not edit it. It needs nothing but `fetch`: copy it into your frontend or your backend.
 *
 *   import { Muster, MusterError } from "./client.ts";
 *
 *   const muster = new Muster({ url: "https://muster.example.com", token });
 *   const org = await muster.createOrg({ name: "Acme" });
 *
 * It runs wherever types are stripped, and passes `tsc` with every strict option.
 */

/** What somebody may do somewhere, and why. */
export interface Access {
  permissions: Permission[];
  /** Every one there is, the strongest first, of equal ones the nearest. */
  reasons: {
    /** Null: it was not noted. */
    grantedBy: {
      name: string | null;
      type: "user" | "service";
      /** The `sub` of the user or the service. */
      userId: string;
    } | null;
    role: Role;
    /**
     * ISO 8601, UTC
     * @format date-time
     */
    since: string;
    source: {
      /**
       * A UUIDv7.
       * @format uuid
       */
      id: string;
      name: string;
      type: "organization" | "resource";
    };
  }[];
  /** Null: the organisation itself. */
  resource: {
    /**
     * A UUIDv7.
     * @format uuid
     */
    id: string;
    name: string;
    /**
     * A UUIDv7.
     * @format uuid
     */
    parentId: string | null;
    type: string;
  } | null;
  /** What their role comes to here: that of the first reason. */
  role: Role;
}

export interface AccessCheck {
  /**
   * @maxItems 100
   * @minItems 1
   */
  checks: {
    /**
     * A UUIDv7.
     * @format uuid
     */
    orgId: string;
    /** Without `resourceId`: org:read, org:update, org:delete, members:read, members:manage, invitations:manage, events:read, billing:read, billing:update, resources:create. With it: resource:read, resource:update, resource:delete, resource:grant, resource:create, billing:read, billing:update. */
    permission: Permission;
    /**
     * A UUIDv7.
     * @format uuid
     */
    resourceId?: string;
    /**
     * Absent: the caller. Another one only by a service with `muster:check`.
     * @minLength 1
     * @maxLength 255
     */
    userId?: string;
  }[];
}

/** One page. */
export interface AccessPage {
  data: Access[];
  /** The `cursor` of the page that follows. Null: there is none. */
  next: string | null;
}

/** In the order of the checks. */
export interface AccessVerdicts {
  results: {
    allowed: boolean;
    /** What the user's role comes to there, also where it does not suffice. Null: none. */
    role: Role | null;
    /** Where that role was given. */
    source: {
      /**
       * A UUIDv7.
       * @format uuid
       */
      id: string;
      type: "organization" | "resource";
    } | null;
  }[];
}

/** Somebody, and where they are. */
export interface Account {
  /** There are more; `GET /orgs` pages through them. */
  moreOrgs: boolean;
  /** The first 100, in the order they were joined. */
  orgs: {
    /**
     * A UUIDv7.
     * @format uuid
     */
    id: string;
    logoUrl: string | null;
    name: string;
    role: Role;
    slug: string | null;
  }[];
  user: {
    email: string | null;
    /** Only a verified address is shown its invitations. */
    emailVerified: boolean;
    /**
     * The identity provider's `sub`, opaque to Muster.
     * @minLength 1
     * @maxLength 255
     */
    id: string;
    name: string | null;
  };
}

/** One result for each, in the order of the request. */
export interface BatchResults {
  results: {
    /** An invitation, with its secret where no mail carries it. */
    invitation?: InvitationHandedOut;
    problem?: Problem;
    /** What the call for this one alone would have answered. */
    status: number;
  }[];
}

/** Invoice information. */
export interface Billing {
  address: {
    /**
     * @minLength 1
     * @maxLength 200
     */
    line1: string | null;
    /**
     * @minLength 1
     * @maxLength 200
     */
    line2: string | null;
    /**
     * @minLength 1
     * @maxLength 100
     */
    city: string | null;
    /** ISO 3166-1 alpha-2. */
    country: string | null;
    /**
     * @minLength 1
     * @maxLength 20
     */
    postalCode: string | null;
    /**
     * @minLength 1
     * @maxLength 100
     */
    region: string | null;
  } | null;
  /**
   * @minLength 3
   * @maxLength 254
   */
  email: string | null;
  /**
   * @minLength 1
   * @maxLength 200
   */
  legalName: string | null;
  /** @maxLength 2000 */
  notes: string | null;
  /**
   * @minLength 1
   * @maxLength 100
   */
  purchaseOrder: string | null;
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  updatedAt: string | null;
  /**
   * With its country prefix. One of the European Union (also XI) must have the form of its country; others are taken as they are. Kept in upper case, without spaces, dots and hyphens.
   * @minLength 1
   * @maxLength 40
   */
  vatId: string | null;
  /**
   * Also the `ETag`. 0: never filled in; `If-Match: "0"` is for who wants to be the first to do so.
   * @min 0
   */
  version: number;
}

export interface ChangeRole {
  role: Role;
}

export interface CreateInvitation {
  /**
   * Who may use an open code: verified addresses of these domains.
   * @maxItems 20
   */
  allowedEmailDomains?: string[];
  /**
   * @minLength 3
   * @maxLength 254
   */
  email?: string;
  /**
   * @min 1
   * @max 30
   * @default 7
   */
  expiresInDays?: number;
  /**
   * Of an open code.
   * @min 1
   * @max 1000
   * @default 1
   */
  maxUses?: number;
  /**
   * From the inviter to the invited.
   * @maxLength 500
   */
  message?: string;
  /** Any JSON of yours, up to 50 keys. Replaced whole by a change. */
  metadata?: Record<string, unknown>;
  /**
   * false: no mail; the answer holds `code` and `acceptUrl`, this once.
   * @default true
   */
  notify?: boolean;
  /**
   * Rights on resources that come with the membership. An open code never makes an Admin, here neither.
   * @maxItems 50
   */
  resourceRoles?: {
    /**
     * A UUIDv7.
     * @format uuid
     */
    resourceId: string;
    role: Role;
  }[];
  role?: Role;
}

export interface CreateInvitations {
  /**
   * @maxItems 100
   * @minItems 1
   */
  invitations: CreateInvitation[];
}

export interface CreateOrg {
  /**
   * The identity provider's `sub`, opaque to Muster.
   * @minLength 1
   * @maxLength 255
   */
  adminUserId?: string;
  /**
   * Your own name for it, unique.
   * @minLength 1
   * @maxLength 255
   */
  externalId?: string;
  /** Any JSON of yours, up to 50 keys. Replaced whole by a change. */
  metadata?: Record<string, unknown>;
  /**
   * @minLength 1
   * @maxLength 100
   */
  name: string;
  /**
   * For URLs of yours. Unique over all organisations, also deleted ones as long as they can be restored.
   * @maxLength 63
   */
  slug?: string;
}

export interface CreateResource {
  /**
   * Your own name for it, unique in the organisation.
   * @minLength 1
   * @maxLength 255
   */
  externalId?: string | null;
  /** Any JSON of yours, up to 50 keys. Replaced whole by a change. */
  metadata?: Record<string, unknown>;
  /**
   * @minLength 1
   * @maxLength 200
   */
  name: string;
  /**
   * What it lies in. Null: nothing but the organisation.
   * @format uuid
   */
  parentId?: string | null;
  /**
   * A short slug of your product's own.
   * @maxLength 50
   */
  type: string;
}

export interface CreateWebhook {
  /**
   * @minLength 1
   * @maxLength 200
   */
  description?: string | null;
  /**
   * Which events; null: all.
   * @maxItems 29
   * @minItems 1
   * @uniqueItems true
   */
  types?: EventType[] | null;
  /**
   * https, on the public internet: no user name, no fragment, no private address.
   * @maxLength 2048
   */
  url: string;
}

export interface DeclineInvitation {
  /** @maxLength 500 */
  reason?: string;
}

/** What became of it. */
export interface Declined {
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  declinedAt: string | null;
  /**
   * A UUIDv7.
   * @format uuid
   */
  id: string;
  /**
   * A UUIDv7.
   * @format uuid
   */
  orgId: string;
  /** A `pending` one becomes `expired` by the clock alone. */
  status: "pending" | "accepted" | "declined" | "revoked" | "expired";
  /**
   * Counts the changes. Also the `ETag`; send it back as `If-Match` to change only what you have seen.
   * @min 1
   */
  version: number;
}

/** One event on its way to one endpoint. */
export interface Delivery {
  attempts: number;
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  createdAt: string;
  /** Of the last attempt, in milliseconds. */
  duration: number | null;
  event: {
    /**
     * A UUIDv7.
     * @format uuid
     */
    id: string;
    type: EventType;
  };
  /** Why the last attempt was not answered. */
  failure: string | null;
  /**
   * A UUIDv7.
   * @format uuid
   */
  id: string;
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  lastAttemptAt: string | null;
  /**
   * Null: there will be none. ISO 8601, UTC.
   * @format date-time
   */
  nextAttemptAt: string | null;
  /** Of the last attempt. Null: it was not answered. */
  responseStatus: number | null;
  /** `succeeded`: answered with 2xx. `failed`: given up, after about three days, or by a 410. */
  status: "pending" | "succeeded" | "failed";
  /**
   * A UUIDv7.
   * @format uuid
   */
  webhookId: string;
}

/** One page. */
export interface DeliveryPage {
  data: Delivery[];
  /** The `cursor` of the page that follows. Null: there is none. */
  next: string | null;
}

/** Done. */
export interface ErasedUser {
  /** What the person is called from now on in what stays, such as the audit log. */
  pseudonym: string;
}

/** Something that has happened. */
export type Event = (
  | {
      data: {
        /**
         * Your own name for it, unique.
         * @minLength 1
         * @maxLength 255
         */
        externalId: string | null;
        /**
         * @format uri
         * @maxLength 2048
         */
        logoUrl: string | null;
        /** `all`: every Member may read every resource. `granted`: only what they were granted. */
        memberAccess: "granted" | "all";
        /**
         * @minLength 1
         * @maxLength 100
         */
        name: string;
        /** Made for somebody who signed up. */
        personal: boolean;
        /**
         * For URLs of yours. Unique over all organisations, also deleted ones as long as they can be restored.
         * @maxLength 63
         */
        slug: string | null;
      };
      type: "org.created";
    }
  | {
      data: {
        /** The fields that were set. */
        changed: string[];
        /**
         * @format uri
         * @maxLength 2048
         */
        logoUrl: string | null;
        /** `all`: every Member may read every resource. `granted`: only what they were granted. */
        memberAccess: "granted" | "all";
        /**
         * @minLength 1
         * @maxLength 100
         */
        name: string;
        /**
         * For URLs of yours. Unique over all organisations, also deleted ones as long as they can be restored.
         * @maxLength 63
         */
        slug: string | null;
      };
      type: "org.updated";
    }
  | {
      data: object;
      type:
        | "org.deleted"
        | "org.restored"
        | "member.removed"
        | "member.left"
        | "billing.updated"
        | "user.erased"
        | "webhook.deleted"
        | "webhook.secret_rotated"
        | "webhook.test";
    }
  | {
      data: {
        role: Role;
        /** How they came in: they created the organisation, were invited, or a backend put them in. */
        source: "created" | "invitation" | "provisioned";
      };
      type: "member.added";
    }
  | {
      data: {
        /** Until then. */
        previousRole: Role;
        role: Role;
      };
      type: "member.role_changed";
    }
  | {
      data: {
        /** Null: an open code, for whoever holds it. */
        email: string | null;
        /**
         * ISO 8601, UTC
         * @format date-time
         */
        expiresAt: string;
        /** How many people may join by it. */
        maxUses: number;
        /**
         * Rights on resources that come with it.
         * @default []
         */
        resourceRoles: {
          /**
           * A UUIDv7.
           * @format uuid
           */
          resourceId: string;
          role: Role;
        }[];
        role: Role;
      };
      type:
        | "invitation.created"
        | "invitation.resent"
        | "invitation.declined"
        | "invitation.revoked";
    }
  | {
      data: {
        /** The fields that were set. */
        changed: string[];
        /** Null: an open code, for whoever holds it. */
        email: string | null;
        /**
         * ISO 8601, UTC
         * @format date-time
         */
        expiresAt: string;
        /** How many people may join by it. */
        maxUses: number;
        /**
         * Rights on resources that come with it.
         * @default []
         */
        resourceRoles: {
          /**
           * A UUIDv7.
           * @format uuid
           */
          resourceId: string;
          role: Role;
        }[];
        role: Role;
      };
      type: "invitation.updated";
    }
  | {
      data: {
        /** Null: an open code, for whoever holds it. */
        email: string | null;
        /**
         * ISO 8601, UTC
         * @format date-time
         */
        expiresAt: string;
        /** How many people may join by it. */
        maxUses: number;
        /**
         * Rights on resources that come with it.
         * @default []
         */
        resourceRoles: {
          /**
           * A UUIDv7.
           * @format uuid
           */
          resourceId: string;
          role: Role;
        }[];
        role: Role;
        /** How many have. */
        uses: number;
      };
      type: "invitation.accepted";
    }
  | {
      data: {
        /**
         * Your own name for it, unique in the organisation.
         * @minLength 1
         * @maxLength 255
         */
        externalId: string | null;
        /**
         * @minLength 1
         * @maxLength 200
         */
        name: string;
        /**
         * What it lies in. Null: nothing but the organisation.
         * @format uuid
         */
        parentId: string | null;
        /** From the root down to it. */
        path: string[];
        /**
         * A short slug of your product's own.
         * @maxLength 50
         */
        type: string;
      };
      type: "resource.created";
    }
  | {
      data: {
        /** The fields that were set. */
        changed: string[];
        /**
         * Your own name for it, unique in the organisation.
         * @minLength 1
         * @maxLength 255
         */
        externalId: string | null;
        /**
         * @minLength 1
         * @maxLength 200
         */
        name: string;
        /**
         * A short slug of your product's own.
         * @maxLength 50
         */
        type: string;
      };
      type: "resource.updated";
    }
  | {
      data: {
        /**
         * What it lies in. Null: nothing but the organisation.
         * @format uuid
         */
        parentId: string | null;
        /** From the root down to it. */
        path: string[];
        /**
         * What it lies in. Null: nothing but the organisation.
         * @format uuid
         */
        previousParentId: string | null;
      };
      type: "resource.moved";
    }
  | {
      data: {
        /** How many resources below it went with it. */
        below: number;
        /**
         * A short slug of your product's own.
         * @maxLength 50
         */
        type: string;
      };
      type: "resource.deleted";
    }
  | {
      data: {
        /**
         * A UUIDv7.
         * @format uuid
         */
        resourceId: string;
        role: Role;
      };
      type: "grant.added" | "grant.removed";
    }
  | {
      data: {
        /** Until then. */
        previousRole: Role;
        /**
         * A UUIDv7.
         * @format uuid
         */
        resourceId: string;
        role: Role;
      };
      type: "grant.changed";
    }
  | {
      data: {
        /** Null: all. */
        types: EventType[] | null;
      };
      type: "webhook.created";
    }
  | {
      data: {
        /** The fields that were set. */
        changed: string[];
      };
      type: "webhook.updated";
    }
  | {
      data: {
        reason: "gone" | "failing";
      };
      type: "webhook.disabled";
    }
) & {
  /** Who did it. The system: nobody asked for it. */
  actor: {
    type: "user" | "service" | "system";
    /** The `sub` of the token, a service's too. */
    userId: string | null;
  };
  /**
   * The same wherever the event is told, and each time.
   * @format uuid
   */
  id: string;
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  occurredAt: string;
  /**
   * Null: of no organisation.
   * @format uuid
   */
  orgId: string | null;
  /** Counts the events of the organisation from 1, without gaps. */
  sequence: number | null;
  /** What it happened to. A member and a grant are told as the user who has it. */
  subject: {
    id: string;
    type: "organization" | "user" | "invitation" | "resource" | "webhook";
  };
  type: EventType;
};

/** One page. */
export interface EventPage {
  data: Event[];
  /** The `cursor` of the page that follows. Null: there is none. */
  next: string | null;
}

export type EventType =
  | "org.created"
  | "org.updated"
  | "org.deleted"
  | "org.restored"
  | "member.added"
  | "member.role_changed"
  | "member.removed"
  | "member.left"
  | "invitation.created"
  | "invitation.resent"
  | "invitation.updated"
  | "invitation.accepted"
  | "invitation.declined"
  | "invitation.revoked"
  | "resource.created"
  | "resource.updated"
  | "resource.moved"
  | "resource.deleted"
  | "grant.added"
  | "grant.changed"
  | "grant.removed"
  | "billing.updated"
  | "user.erased"
  | "webhook.created"
  | "webhook.updated"
  | "webhook.deleted"
  | "webhook.secret_rotated"
  | "webhook.disabled"
  | "webhook.test";

/** One page of the feed. */
export interface Feed {
  data: Event[];
  /** Never null: the `cursor` to go on with, now or later. Where nothing has happened since, the page is empty and leads to where it was. */
  next: string;
}

/** A role of a member on one resource, and so on everything below it. */
export interface Grant {
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  grantedAt: string;
  grantedBy: {
    name: string | null;
    type: "user" | "service";
    /** The `sub` of the user or the service. */
    userId: string;
  };
  /**
   * A UUIDv7.
   * @format uuid
   */
  orgId: string;
  /**
   * A UUIDv7.
   * @format uuid
   */
  resourceId: string;
  role: Role;
  /**
   * The identity provider's `sub`, opaque to Muster.
   * @minLength 1
   * @maxLength 255
   */
  userId: string;
  /**
   * Counts the changes. Also the `ETag`; send it back as `If-Match` to change only what you have seen.
   * @min 1
   */
  version: number;
}

export interface GrantRole {
  role: Role;
}

/** An invitation. */
export interface Invitation {
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  acceptedAt: string | null;
  /** Of an open code; empty: any. */
  allowedEmailDomains: string[];
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  createdAt: string;
  declineReason: string | null;
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  declinedAt: string | null;
  /** Of the newest mail: `sent` once the mail server took it. `none` where no mail is sent. */
  delivery: "none" | "queued" | "sent" | "failed";
  /** Null: an open code, for whoever holds it. */
  email: string | null;
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  expiresAt: string;
  /**
   * A UUIDv7.
   * @format uuid
   */
  id: string;
  invitedBy: {
    name: string | null;
    type: "user" | "service";
    /** The `sub` of the user or the service. */
    userId: string;
  };
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  lastSentAt: string | null;
  /** How many people may join by it. */
  maxUses: number;
  message: string | null;
  /** Any JSON of yours, up to 50 keys. Replaced whole by a change. */
  metadata: Record<string, unknown>;
  /**
   * A UUIDv7.
   * @format uuid
   */
  orgId: string;
  /**
   * Rights on resources that come with it.
   * @default []
   */
  resourceRoles: {
    /**
     * A UUIDv7.
     * @format uuid
     */
    resourceId: string;
    role: Role;
  }[];
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  revokedAt: string | null;
  role: Role;
  /** A `pending` one becomes `expired` by the clock alone. */
  status: "pending" | "accepted" | "declined" | "revoked" | "expired";
  /** How many have. */
  uses: number;
  /**
   * Counts the changes. Also the `ETag`; send it back as `If-Match` to change only what you have seen.
   * @min 1
   */
  version: number;
}

/** An invitation, with its secret where no mail carries it. */
export interface InvitationHandedOut {
  /** `APP_URL` with the code in the fragment, this once. */
  acceptUrl?: string;
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  acceptedAt: string | null;
  /** Of an open code; empty: any. */
  allowedEmailDomains: string[];
  /** The secret, this once; only where no mail carries it. */
  code?: string;
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  createdAt: string;
  declineReason: string | null;
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  declinedAt: string | null;
  /** Of the newest mail: `sent` once the mail server took it. `none` where no mail is sent. */
  delivery: "none" | "queued" | "sent" | "failed";
  /** Null: an open code, for whoever holds it. */
  email: string | null;
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  expiresAt: string;
  /**
   * A UUIDv7.
   * @format uuid
   */
  id: string;
  invitedBy: {
    name: string | null;
    type: "user" | "service";
    /** The `sub` of the user or the service. */
    userId: string;
  };
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  lastSentAt: string | null;
  /** How many people may join by it. */
  maxUses: number;
  message: string | null;
  /** Any JSON of yours, up to 50 keys. Replaced whole by a change. */
  metadata: Record<string, unknown>;
  /**
   * A UUIDv7.
   * @format uuid
   */
  orgId: string;
  /**
   * Rights on resources that come with it.
   * @default []
   */
  resourceRoles: {
    /**
     * A UUIDv7.
     * @format uuid
     */
    resourceId: string;
    role: Role;
  }[];
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  revokedAt: string | null;
  role: Role;
  /** A `pending` one becomes `expired` by the clock alone. */
  status: "pending" | "accepted" | "declined" | "revoked" | "expired";
  /** How many have. */
  uses: number;
  /**
   * Counts the changes. Also the `ETag`; send it back as `If-Match` to change only what you have seen.
   * @min 1
   */
  version: number;
}

/** One page. */
export interface InvitationPage {
  data: Invitation[];
  /** The `cursor` of the page that follows. Null: there is none. */
  next: string | null;
}

export interface LeaveOrg {
  /** The organisation's name, to the letter: a question that nobody answers by accident. */
  confirm: string;
}

/** All that a dashboard shows first. */
export interface Me {
  /** There are more; `GET /orgs` pages through them. */
  moreOrgs: boolean;
  /** The number on the bell. */
  openInvitations: number;
  /** The first 100, in the order they were joined. */
  orgs: {
    /**
     * A UUIDv7.
     * @format uuid
     */
    id: string;
    logoUrl: string | null;
    name: string;
    role: Role;
    slug: string | null;
  }[];
  user: {
    email: string | null;
    /** Only a verified address is shown its invitations. */
    emailVerified: boolean;
    /**
     * The identity provider's `sub`, opaque to Muster.
     * @minLength 1
     * @maxLength 255
     */
    id: string;
    name: string | null;
  };
}

/** Somebody in an organisation. */
export interface Member {
  email: string | null;
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  joinedAt: string;
  name: string | null;
  role: Role;
  /** How they came in: they created the organisation, were invited, or a backend put them in. */
  source: "created" | "invitation" | "provisioned";
  /**
   * The identity provider's `sub`, opaque to Muster.
   * @minLength 1
   * @maxLength 255
   */
  userId: string;
  /**
   * Counts the changes. Also the `ETag`; send it back as `If-Match` to change only what you have seen.
   * @min 1
   */
  version: number;
}

/** What a wanted set of members changes, by user id. */
export interface MemberDifference {
  added: {
    role: Role;
    /**
     * The identity provider's `sub`, opaque to Muster.
     * @minLength 1
     * @maxLength 255
     */
    userId: string;
  }[];
  changed: {
    previousRole: Role;
    role: Role;
    /**
     * The identity provider's `sub`, opaque to Muster.
     * @minLength 1
     * @maxLength 255
     */
    userId: string;
  }[];
  /** With the role they had. */
  removed: {
    role: Role;
    /**
     * The identity provider's `sub`, opaque to Muster.
     * @minLength 1
     * @maxLength 255
     */
    userId: string;
  }[];
  /** How many stay as they are. */
  unchanged: number;
}

/** One page. */
export interface MemberPage {
  data: Member[];
  /** The `cursor` of the page that follows. Null: there is none. */
  next: string | null;
}

/** A member, of which organisation, and what became of the rights that came with the invitation. */
export interface Membership {
  email: string | null;
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  joinedAt: string;
  /**
   * Offered on resources that are no longer there.
   * @default []
   */
  leftOut: {
    /**
     * A UUIDv7.
     * @format uuid
     */
    resourceId: string;
    role: Role;
  }[];
  name: string | null;
  /**
   * A UUIDv7.
   * @format uuid
   */
  orgId: string;
  /**
   * Held now, of the rights that were offered.
   * @default []
   */
  resourceRoles: {
    /**
     * A UUIDv7.
     * @format uuid
     */
    resourceId: string;
    role: Role;
  }[];
  role: Role;
  /** How they came in: they created the organisation, were invited, or a backend put them in. */
  source: "created" | "invitation" | "provisioned";
  /**
   * The identity provider's `sub`, opaque to Muster.
   * @minLength 1
   * @maxLength 255
   */
  userId: string;
  /**
   * Counts the changes. Also the `ETag`; send it back as `If-Match` to change only what you have seen.
   * @min 1
   */
  version: number;
}

/** An invitation as the invited see it. */
export interface Offer {
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  createdAt: string;
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  expiresAt: string;
  /**
   * A UUIDv7.
   * @format uuid
   */
  id: string;
  invitedBy: {
    name: string | null;
  };
  message: string | null;
  org: {
    /**
     * A UUIDv7.
     * @format uuid
     */
    id: string;
    logoUrl: string | null;
    name: string;
  };
  role: Role;
  /**
   * Counts the changes. Also the `ETag`; send it back as `If-Match` to change only what you have seen.
   * @min 1
   */
  version: number;
}

/** One page. */
export interface OfferPage {
  data: Offer[];
  /** The `cursor` of the page that follows. Null: there is none. */
  next: string | null;
}

/** An organisation. */
export interface Org {
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  createdAt: string;
  /**
   * Your own name for it, unique.
   * @minLength 1
   * @maxLength 255
   */
  externalId: string | null;
  /**
   * A UUIDv7.
   * @format uuid
   */
  id: string;
  /**
   * @format uri
   * @maxLength 2048
   */
  logoUrl: string | null;
  /** `all`: every Member may read every resource. `granted`: only what they were granted. */
  memberAccess: "granted" | "all";
  /** Any JSON of yours, up to 50 keys. Replaced whole by a change. */
  metadata: Record<string, unknown>;
  /**
   * @minLength 1
   * @maxLength 100
   */
  name: string;
  /**
   * For URLs of yours. Unique over all organisations, also deleted ones as long as they can be restored.
   * @maxLength 63
   */
  slug: string | null;
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  updatedAt: string;
  /**
   * Counts the changes. Also the `ETag`; send it back as `If-Match` to change only what you have seen.
   * @min 1
   */
  version: number;
}

/** One page. */
export interface OrgPage {
  data: OrgWithRole[];
  /** The `cursor` of the page that follows. Null: there is none. */
  next: string | null;
}

/** An organisation, and the role there. */
export interface OrgWithRole {
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  createdAt: string;
  /**
   * Your own name for it, unique.
   * @minLength 1
   * @maxLength 255
   */
  externalId: string | null;
  /**
   * A UUIDv7.
   * @format uuid
   */
  id: string;
  /**
   * @format uri
   * @maxLength 2048
   */
  logoUrl: string | null;
  /** `all`: every Member may read every resource. `granted`: only what they were granted. */
  memberAccess: "granted" | "all";
  /** Any JSON of yours, up to 50 keys. Replaced whole by a change. */
  metadata: Record<string, unknown>;
  /**
   * @minLength 1
   * @maxLength 100
   */
  name: string;
  /** The caller's role, or that of the user asked for. Null: none, as for a service. */
  role: Role | null;
  /**
   * For URLs of yours. Unique over all organisations, also deleted ones as long as they can be restored.
   * @maxLength 63
   */
  slug: string | null;
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  updatedAt: string;
  /**
   * Counts the changes. Also the `ETag`; send it back as `If-Match` to change only what you have seen.
   * @min 1
   */
  version: number;
}

export type Permission =
  | "org:read"
  | "org:update"
  | "org:delete"
  | "members:read"
  | "members:manage"
  | "invitations:manage"
  | "events:read"
  | "billing:read"
  | "billing:update"
  | "resources:create"
  | "resource:read"
  | "resource:update"
  | "resource:delete"
  | "resource:grant"
  | "resource:create";

export interface Problem {
  /** The stable name of the problem. */
  code: ProblemCode;
  /** A sentence for a person. Its words may change. */
  detail: string;
  errors?: {
    detail: string;
    /** A parameter of the path, the query or a header. */
    parameter?: string;
    /** JSON Pointer (RFC 6901) into the body. */
    pointer?: string;
  }[];
  /** The path that was called, without secrets. */
  instance: string;
  /** Of `last_admin`, when a person is erased: the organisations in the way. */
  orgs?: {
    id: string;
    name: string;
  }[];
  /** Find the call in the log by it. */
  requestId: string;
  status: number;
  title: string;
  /** @format uri */
  type: string;
}

export type ProblemCode =
  | "already_invited"
  | "already_member"
  | "branch_too_large"
  | "confirmation_mismatch"
  | "cursor_expired"
  | "delivery_not_found"
  | "email_domain_not_allowed"
  | "email_mismatch"
  | "email_unverified"
  | "external_id_taken"
  | "forbidden"
  | "grant_not_found"
  | "idempotency_in_progress"
  | "idempotency_key_reused"
  | "internal_error"
  | "invalid_cursor"
  | "invalid_request"
  | "invitation_declined"
  | "invitation_expired"
  | "invitation_not_found"
  | "invitation_not_pending"
  | "invitation_revoked"
  | "invitation_used"
  | "last_admin"
  | "malformed_json"
  | "malformed_url"
  | "member_not_found"
  | "not_addressed"
  | "org_not_found"
  | "payload_too_large"
  | "rate_limited"
  | "resource_cycle"
  | "resource_not_found"
  | "resource_too_deep"
  | "role_not_allowed"
  | "slug_taken"
  | "too_many_webhooks"
  | "unauthenticated"
  | "unavailable"
  | "unsupported_media_type"
  | "user_not_found"
  | "version_mismatch"
  | "webhook_disabled"
  | "webhook_not_found";

export interface PutMember {
  /**
   * @minLength 3
   * @maxLength 254
   */
  email?: string;
  /**
   * @minLength 1
   * @maxLength 200
   */
  name?: string;
  role: Role;
}

export interface PutUser {
  /**
   * @minLength 3
   * @maxLength 254
   */
  email?: string;
  /** Absent: an address that is known to be verified stays so, and another one is not. Only a verified one is shown its invitations. */
  emailVerified?: boolean;
  /**
   * @minLength 1
   * @maxLength 200
   */
  name?: string;
}

/** A workspace, a domain in a workspace, a project. */
export interface Resource {
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  createdAt: string;
  /**
   * Your own name for it, unique in the organisation.
   * @minLength 1
   * @maxLength 255
   */
  externalId: string | null;
  /**
   * A UUIDv7.
   * @format uuid
   */
  id: string;
  /** Any JSON of yours, up to 50 keys. Replaced whole by a change. */
  metadata: Record<string, unknown>;
  /**
   * @minLength 1
   * @maxLength 200
   */
  name: string;
  /**
   * A UUIDv7.
   * @format uuid
   */
  orgId: string;
  /**
   * What it lies in. Null: nothing but the organisation.
   * @format uuid
   */
  parentId: string | null;
  /** What the caller's role comes to here, inherited or granted. Null: none, as for a service. */
  role: Role | null;
  /**
   * A short slug of your product's own.
   * @maxLength 50
   */
  type: string;
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  updatedAt: string;
  /**
   * Counts the changes. Also the `ETag`; send it back as `If-Match` to change only what you have seen.
   * @min 1
   */
  version: number;
}

/** Somebody with a right on a resource. */
export interface ResourceMember {
  email: string | null;
  /** Where it was given. The name is null for who may not read that resource. */
  from: {
    /**
     * A UUIDv7.
     * @format uuid
     */
    id: string;
    name: string | null;
    type: "organization" | "resource";
  };
  /** What was granted on this very resource, which can be less than `role`. */
  grant: {
    role: Role;
    /**
     * Counts the changes. Also the `ETag`; send it back as `If-Match` to change only what you have seen.
     * @min 1
     */
    version: number;
  } | null;
  name: string | null;
  /** The strongest they have here; of equal ones the nearest is told. */
  role: Role;
  /** `direct`: granted on this very resource. `inherited`: from above. */
  source: "direct" | "inherited";
  /**
   * The identity provider's `sub`, opaque to Muster.
   * @minLength 1
   * @maxLength 255
   */
  userId: string;
}

/** One page. */
export interface ResourceMemberPage {
  data: ResourceMember[];
  /** The `cursor` of the page that follows. Null: there is none. */
  next: string | null;
}

/** One page. */
export interface ResourcePage {
  data: Resource[];
  /** The `cursor` of the page that follows. Null: there is none. */
  next: string | null;
}

export type Role = "admin" | "accounting" | "member";

/** From the strongest role down. */
export interface RoleMatrix {
  roles: {
    /** What it may in the organisation. */
    organization: (
      | "org:read"
      | "org:update"
      | "org:delete"
      | "members:read"
      | "members:manage"
      | "invitations:manage"
      | "events:read"
      | "billing:read"
      | "billing:update"
      | "resources:create"
    )[];
    /** What it may on a resource and below it. */
    resource: (
      | "resource:read"
      | "resource:update"
      | "resource:delete"
      | "resource:grant"
      | "resource:create"
      | "billing:read"
      | "billing:update"
    )[];
    role: Role;
  }[];
}

export interface SetBilling {
  address?: {
    /**
     * @minLength 1
     * @maxLength 200
     */
    line1?: string | null;
    /**
     * @minLength 1
     * @maxLength 200
     */
    line2?: string | null;
    /**
     * @minLength 1
     * @maxLength 100
     */
    city?: string | null;
    /** ISO 3166-1 alpha-2. */
    country?: string | null;
    /**
     * @minLength 1
     * @maxLength 20
     */
    postalCode?: string | null;
    /**
     * @minLength 1
     * @maxLength 100
     */
    region?: string | null;
  } | null;
  /**
   * @minLength 3
   * @maxLength 254
   */
  email?: string | null;
  /**
   * @minLength 1
   * @maxLength 200
   */
  legalName?: string | null;
  /** @maxLength 2000 */
  notes?: string | null;
  /**
   * @minLength 1
   * @maxLength 100
   */
  purchaseOrder?: string | null;
  /**
   * With its country prefix. One of the European Union (also XI) must have the form of its country; others are taken as they are. Kept in upper case, without spaces, dots and hyphens.
   * @minLength 1
   * @maxLength 40
   */
  vatId?: string | null;
}

export interface SyncMembers {
  /**
   * @maxItems 10000
   * @minItems 1
   */
  members: {
    /**
     * @minLength 3
     * @maxLength 254
     */
    email?: string;
    /**
     * @minLength 1
     * @maxLength 200
     */
    name?: string;
    role: Role;
    /**
     * The identity provider's `sub`, opaque to Muster.
     * @minLength 1
     * @maxLength 255
     */
    userId: string;
  }[];
}

export interface TransferOrg {
  /** What becomes of you. */
  then: "member" | "accounting" | "leave";
  /**
   * The identity provider's `sub`, opaque to Muster.
   * @minLength 1
   * @maxLength 255
   */
  toUserId: string;
}

export interface UpdateInvitation {
  /**
   * @min 1
   * @max 30
   */
  expiresInDays?: number;
  /**
   * Rights on resources that come with the membership. An open code never makes an Admin, here neither.
   * @maxItems 50
   */
  resourceRoles?: {
    /**
     * A UUIDv7.
     * @format uuid
     */
    resourceId: string;
    role: Role;
  }[];
  role?: Role;
}

export interface UpdateOrg {
  /**
   * @format uri
   * @maxLength 2048
   */
  logoUrl?: string | null;
  /** `all`: every Member may read every resource. `granted`: only what they were granted. */
  memberAccess?: "granted" | "all";
  /** Any JSON of yours, up to 50 keys. Replaced whole by a change. */
  metadata?: Record<string, unknown>;
  /**
   * @minLength 1
   * @maxLength 100
   */
  name?: string;
  /**
   * For URLs of yours. Unique over all organisations, also deleted ones as long as they can be restored.
   * @maxLength 63
   */
  slug?: string | null;
}

export interface UpdateResource {
  /**
   * Your own name for it, unique in the organisation.
   * @minLength 1
   * @maxLength 255
   */
  externalId?: string | null;
  /** Any JSON of yours, up to 50 keys. Replaced whole by a change. */
  metadata?: Record<string, unknown>;
  /**
   * @minLength 1
   * @maxLength 200
   */
  name?: string;
  /**
   * What it lies in. Null: nothing but the organisation.
   * @format uuid
   */
  parentId?: string | null;
}

export interface UpdateWebhook {
  /**
   * @minLength 1
   * @maxLength 200
   */
  description?: string | null;
  status?: "enabled" | "disabled";
  /**
   * Which events; null: all.
   * @maxItems 29
   * @minItems 1
   * @uniqueItems true
   */
  types?: EventType[] | null;
  /**
   * https, on the public internet: no user name, no fragment, no private address.
   * @maxLength 2048
   */
  url?: string;
}

/** All that is kept of a person. */
export interface UserExport {
  /** What they did, and what happened to them, the newest first, at most 10,000; without `data`, which tells of others. */
  events: {
    /** Who did it. The system: nobody asked for it. */
    actor: {
      type: "user" | "service" | "system";
      /** The `sub` of the token, a service's too. */
      userId: string | null;
    };
    /**
     * The same wherever the event is told, and each time.
     * @format uuid
     */
    id: string;
    /**
     * ISO 8601, UTC
     * @format date-time
     */
    occurredAt: string;
    /**
     * Null: of no organisation.
     * @format uuid
     */
    orgId: string | null;
    /** Counts the events of the organisation from 1, without gaps. */
    sequence: number | null;
    /** What it happened to. A member and a grant are told as the user who has it. */
    subject: {
      id: string;
      type: "organization" | "user" | "invitation" | "resource" | "webhook";
    };
    type: EventType;
  }[];
  /** Roles on resources. */
  grants: {
    /**
     * ISO 8601, UTC
     * @format date-time
     */
    grantedAt: string;
    /**
     * A UUIDv7.
     * @format uuid
     */
    orgId: string;
    /**
     * A UUIDv7.
     * @format uuid
     */
    resourceId: string;
    resourceName: string;
    role: Role;
  }[];
  /** To addresses that are known to be theirs. */
  invitationsReceived: {
    /**
     * ISO 8601, UTC
     * @format date-time
     */
    createdAt: string;
    declineReason: string | null;
    /** Null: an open code, for whoever holds it. */
    email: string | null;
    /**
     * A UUIDv7.
     * @format uuid
     */
    id: string;
    message: string | null;
    /**
     * A UUIDv7.
     * @format uuid
     */
    orgId: string;
    orgName: string;
    role: Role;
    /** A `pending` one becomes `expired` by the clock alone. */
    status: "pending" | "accepted" | "declined" | "revoked" | "expired";
  }[];
  /** Without the addresses, which are of others. */
  invitationsSent: {
    /**
     * ISO 8601, UTC
     * @format date-time
     */
    createdAt: string;
    /**
     * A UUIDv7.
     * @format uuid
     */
    id: string;
    message: string | null;
    /**
     * A UUIDv7.
     * @format uuid
     */
    orgId: string;
    role: Role;
  }[];
  /** In which organisations, since when, in which role. */
  memberships: {
    /**
     * ISO 8601, UTC
     * @format date-time
     */
    joinedAt: string;
    /** The organisation is deleted, and can be restored. */
    orgDeleted: boolean;
    /**
     * A UUIDv7.
     * @format uuid
     */
    orgId: string;
    orgName: string;
    role: Role;
    /** How they came in: they created the organisation, were invited, or a backend put them in. */
    source: "created" | "invitation" | "provisioned";
  }[];
  /** There are more events than that. */
  moreEvents: boolean;
  user: {
    /**
     * ISO 8601, UTC
     * @format date-time
     */
    createdAt: string;
    email: string | null;
    /** Only a verified address is shown its invitations. */
    emailVerified: boolean;
    /**
     * The identity provider's `sub`, opaque to Muster.
     * @minLength 1
     * @maxLength 255
     */
    id: string;
    name: string | null;
    /**
     * ISO 8601, UTC
     * @format date-time
     */
    signedUpAt: string | null;
  };
}

/** An endpoint that is told of events. */
export interface Webhook {
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  createdAt: string;
  description: string | null;
  /** `gone`: it answered 410. `failing`: nothing got through for five days. Null while it is enabled. */
  disabledReason: "requested" | "gone" | "failing" | null;
  /**
   * The first failure after the last success. ISO 8601, UTC.
   * @format date-time
   */
  failingSince: string | null;
  /**
   * A UUIDv7.
   * @format uuid
   */
  id: string;
  status: "enabled" | "disabled";
  /**
   * Which events; null: all.
   * @maxItems 29
   * @minItems 1
   * @uniqueItems true
   */
  types: EventType[] | null;
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  updatedAt: string;
  url: string;
  /**
   * Counts the changes. Also the `ETag`; send it back as `If-Match` to change only what you have seen.
   * @min 1
   */
  version: number;
}

/** One page. */
export interface WebhookPage {
  data: Webhook[];
  /** The `cursor` of the page that follows. Null: there is none. */
  next: string | null;
}

/** A webhook, and its secret. */
export interface WebhookWithSecret {
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  createdAt: string;
  description: string | null;
  /** `gone`: it answered 410. `failing`: nothing got through for five days. Null while it is enabled. */
  disabledReason: "requested" | "gone" | "failing" | null;
  /**
   * The first failure after the last success. ISO 8601, UTC.
   * @format date-time
   */
  failingSince: string | null;
  /**
   * A UUIDv7.
   * @format uuid
   */
  id: string;
  /** What the receiver verifies signatures with, by Standard Webhooks. It is told in this answer alone. */
  secret: string;
  status: "enabled" | "disabled";
  /**
   * Which events; null: all.
   * @maxItems 29
   * @minItems 1
   * @uniqueItems true
   */
  types: EventType[] | null;
  /**
   * ISO 8601, UTC
   * @format date-time
   */
  updatedAt: string;
  url: string;
  /**
   * Counts the changes. Also the `ETag`; send it back as `If-Match` to change only what you have seen.
   * @min 1
   */
  version: number;
}

export interface MusterOptions {
  /** Where Muster is: `https://muster.example.com`. */
  url: string;
  /** A JWT, or what fetches one: it is asked for each call, so that none is sent that has expired. */
  token?: string | (() => string | Promise<string>) | undefined;
  /** Another one than the global `fetch`. */
  fetch?: typeof fetch | undefined;
}

/** What each call takes. */
export interface CallOptions {
  signal?: AbortSignal | undefined;
}

export interface IfMatch {
  /** Change it only when this is still its `version`; else 412 `version_mismatch`. */
  ifMatch?: number | undefined;
}

export interface Idempotent {
  /** Makes it safe to send the call again: it happens once, and the first answer comes back. */
  idempotencyKey?: string | undefined;
}

/** What Muster refused, or failed to do. What was never answered is thrown as `fetch` throws it. */
export class MusterError extends Error {
  override readonly name = "MusterError";
  readonly status: number;
  /** Null: not Muster answered, but something on the way, such as a proxy. */
  readonly problem: Problem | null;
  /** In how many seconds to try again, where the answer says so: 429 and 503. */
  readonly retryAfter: number | null;

  constructor(response: Response, problem: Problem | null) {
    super(
      problem
        ? `${problem.code}: ${problem.detail}`
        : `${response.status} ${response.statusText}`,
    );
    this.status = response.status;
    this.problem = problem;
    this.retryAfter = Number(response.headers.get("Retry-After")) || null;
  }

  get code(): ProblemCode | null {
    return this.problem?.code ?? null;
  }
}

/** All of a list, page after page: `for await (const org of all((page) => muster.listOrgs(page)))`. */
export async function* all<Item>(
  list: (page: {
    limit: number;
    cursor?: string;
  }) => Promise<{ data: Item[]; next: string | null }>,
): AsyncGenerator<Item, void, undefined> {
  let page = await list({ limit: 100 });
  yield* page.data;
  while (page.next !== null) {
    page = await list({ limit: 100, cursor: page.next });
    yield* page.data;
  }
}

/** One method for each operation, by the name of its `operationId`. Whatever is no success rejects with `MusterError`. */
export class Muster {
  readonly #options: MusterOptions;

  constructor(options: MusterOptions) {
    this.#options = options;
  }

  /**
   * Is the process alive?
   *
   * Asks nothing else. Restart it when this does not answer.
   *
   * GET /livez.
   */
  livez(options: CallOptions = {}): Promise<{
    status: string;
  }> {
    return this.#call("GET", `/livez`, options);
  }

  /**
   * Can it serve?
   *
   * The database answers and its migrations are applied. 503 `unavailable` until then, and while it stops.
   *
   * GET /readyz.
   */
  readyz(options: CallOptions = {}): Promise<{
    status: string;
  }> {
    return this.#call("GET", `/readyz`, options);
  }

  /**
   * What a code leads to.
   *
   * For whoever holds the code, signed in or not; changes nothing. By its id it needs a token. Wrong codes are counted.
   *
   * GET /invitations/{code}. It refuses with 404 `invitation_not_found`; 410 `invitation_expired`, `invitation_revoked`, `invitation_declined`, `invitation_used`; 429 `rate_limited`.
   */
  previewInvitation(code: string, options: CallOptions = {}): Promise<Offer> {
    return this.#call(
      "GET",
      `/invitations/${encodeURIComponent(code)}`,
      options,
    );
  }

  /**
   * I signed in.
   *
   * Keeps the profile of the token. Who signs in for the first time gets an organisation of their own (unless `PERSONAL_ORG=never`) and a 201; later it is a 200. Call it after each sign-in.
   *
   * PUT /me. It refuses with 403 `forbidden`.
   */
  signIn(options: CallOptions = {}): Promise<Me> {
    return this.#call("PUT", `/me`, options);
  }

  /**
   * Who I am, my organisations, my bell.
   *
   * The same as `PUT /me` without a change: one call fills a dashboard.
   *
   * GET /me. It refuses with 403 `forbidden`.
   */
  getMe(options: CallOptions = {}): Promise<Me> {
    return this.#call("GET", `/me`, options);
  }

  /**
   * Create an organisation.
   *
   * A user becomes its Admin. A service (`muster:write`) names the Admin in `adminUserId`, and may set `externalId`; a user may set neither.
   *
   * POST /orgs. It refuses with 403 `forbidden`; 409 `slug_taken`, `external_id_taken`, `idempotency_in_progress`; 422 `idempotency_key_reused`.
   */
  createOrg(
    data: CreateOrg,
    options: CallOptions & Idempotent = {},
  ): Promise<OrgWithRole> {
    return this.#call("POST", `/orgs`, options, { body: data });
  }

  /**
   * List organisations.
   *
   * Those of the caller, with the role there. A service (`muster:read`) sees all, and may filter by `externalId` or `userId`; `role` is then that of the user asked for, or null.
   *
   * GET /orgs. It refuses with 403 `forbidden`.
   */
  listOrgs(
    query?: {
      /** `next` of the page before, with the same filters. */
      cursor?: string;
      /**
       * Your own name for it, unique. For example: `tenant-42`
       * @minLength 1
       * @maxLength 255
       */
      externalId?: string;
      /**
       * How many at most.
       * @min 1
       * @max 100
       * @default 25
       */
      limit?: number;
      /**
       * The identity provider's `sub`, opaque to Muster. For example: `auth0|64f1c0ffee`
       * @minLength 1
       * @maxLength 255
       */
      userId?: string;
    },
    options: CallOptions = {},
  ): Promise<OrgPage> {
    return this.#call("GET", `/orgs`, options, { query });
  }

  /**
   * Read an organisation.
   *
   * For its members, with the caller's role, and for services (`muster:read`).
   *
   * GET /orgs/{orgId}. It refuses with 403 `forbidden`; 404 `org_not_found`.
   */
  getOrg(orgId: string, options: CallOptions = {}): Promise<OrgWithRole> {
    return this.#call("GET", `/orgs/${encodeURIComponent(orgId)}`, options);
  }

  /**
   * Customise an organisation.
   *
   * Sets the fields that are given; `null` clears a slug or a logo. For Admins and services.
   *
   * PATCH /orgs/{orgId}. It refuses with 403 `forbidden`; 404 `org_not_found`; 409 `slug_taken`; 412 `version_mismatch`.
   */
  updateOrg(
    orgId: string,
    data: UpdateOrg,
    options: CallOptions & IfMatch = {},
  ): Promise<Org> {
    return this.#call("PATCH", `/orgs/${encodeURIComponent(orgId)}`, options, {
      body: data,
    });
  }

  /**
   * Delete an organisation.
   *
   * It is gone for everyone with the answer. A service can restore it for 30 days. For Admins and services.
   *
   * DELETE /orgs/{orgId}. It refuses with 403 `forbidden`; 404 `org_not_found`; 412 `version_mismatch`; 422 `confirmation_mismatch`.
   */
  deleteOrg(
    orgId: string,
    query: {
      /**
       * The organisation's name, to the letter: a question that nobody answers by accident.
       * @example "Acme"
       */
      confirm: string;
    },
    options: CallOptions & IfMatch = {},
  ): Promise<void> {
    return this.#call("DELETE", `/orgs/${encodeURIComponent(orgId)}`, options, {
      query,
    });
  }

  /**
   * Restore a deleted organisation.
   *
   * With its members, within 30 days. One that is not deleted stays as it is. For services (`muster:write`).
   *
   * POST /orgs/{orgId}/restore. It refuses with 403 `forbidden`; 404 `org_not_found`; 409 `idempotency_in_progress`; 412 `version_mismatch`; 422 `idempotency_key_reused`.
   */
  restoreOrg(
    orgId: string,
    options: CallOptions & IfMatch & Idempotent = {},
  ): Promise<Org> {
    return this.#call(
      "POST",
      `/orgs/${encodeURIComponent(orgId)}/restore`,
      options,
    );
  }

  /**
   * Leave an organisation.
   *
   * Every member may, after confirming its name, except the only Admin.
   *
   * POST /orgs/{orgId}/leave. It refuses with 403 `forbidden`; 404 `org_not_found`; 409 `last_admin`, `idempotency_in_progress`; 412 `version_mismatch`; 422 `confirmation_mismatch`, `idempotency_key_reused`.
   */
  leaveOrg(
    orgId: string,
    data: LeaveOrg,
    options: CallOptions & IfMatch & Idempotent = {},
  ): Promise<void> {
    return this.#call(
      "POST",
      `/orgs/${encodeURIComponent(orgId)}/leave`,
      options,
      { body: data },
    );
  }

  /**
   * Hand an organisation over.
   *
   * Another member becomes Admin, and the caller, an Admin, steps down or leaves, in one step. Answers the new Admin.
   *
   * POST /orgs/{orgId}/transfer. It refuses with 403 `forbidden`; 404 `org_not_found`, `member_not_found`; 409 `idempotency_in_progress`; 412 `version_mismatch`; 422 `idempotency_key_reused`.
   */
  transferOrg(
    orgId: string,
    data: TransferOrg,
    options: CallOptions & IfMatch & Idempotent = {},
  ): Promise<Member> {
    return this.#call(
      "POST",
      `/orgs/${encodeURIComponent(orgId)}/transfer`,
      options,
      { body: data },
    );
  }

  /**
   * List the members.
   *
   * In the order they joined. For members and services.
   *
   * GET /orgs/{orgId}/members. It refuses with 403 `forbidden`; 404 `org_not_found`.
   */
  listMembers(
    orgId: string,
    query?: {
      /** `next` of the page before, with the same filters. */
      cursor?: string;
      /**
       * How many at most.
       * @min 1
       * @max 100
       * @default 25
       */
      limit?: number;
      /**
       * The beginning of a name or an e-mail address, in upper or lower case. For example: `bob`
       * @minLength 1
       * @maxLength 100
       */
      q?: string;
      /** For example: `member` */
      role?: Role;
    },
    options: CallOptions = {},
  ): Promise<MemberPage> {
    return this.#call(
      "GET",
      `/orgs/${encodeURIComponent(orgId)}/members`,
      options,
      { query },
    );
  }

  /**
   * Make these the members, and no others.
   *
   * All in one transaction: who is missing is added, who has another role gets this one, and who is not named is removed, with their rights. Answers the difference; with `dryRun=true` nothing is written. At most 10,000 members, of whom at least one is Admin. For services (`muster:write`).
   *
   * PUT /orgs/{orgId}/members. It refuses with 403 `forbidden`; 404 `org_not_found`; 409 `last_admin`.
   */
  syncMembers(
    orgId: string,
    data: SyncMembers,
    query?: {
      /** Only answer what would change. */
      dryRun?: boolean;
    },
    options: CallOptions = {},
  ): Promise<MemberDifference> {
    return this.#call(
      "PUT",
      `/orgs/${encodeURIComponent(orgId)}/members`,
      options,
      { query, body: data },
    );
  }

  /**
   * Read a member.
   *
   * For members and services.
   *
   * GET /orgs/{orgId}/members/{userId}. It refuses with 403 `forbidden`; 404 `org_not_found`, `member_not_found`.
   */
  getMember(
    orgId: string,
    userId: string,
    options: CallOptions = {},
  ): Promise<Member> {
    return this.#call(
      "GET",
      `/orgs/${encodeURIComponent(orgId)}/members/${encodeURIComponent(userId)}`,
      options,
    );
  }

  /**
   * Change a member's role.
   *
   * Holds from the next request on. The only Admin cannot be demoted. For Admins and services.
   *
   * PATCH /orgs/{orgId}/members/{userId}. It refuses with 403 `forbidden`; 404 `org_not_found`, `member_not_found`; 409 `last_admin`; 412 `version_mismatch`.
   */
  changeRole(
    orgId: string,
    userId: string,
    data: ChangeRole,
    options: CallOptions & IfMatch = {},
  ): Promise<Member> {
    return this.#call(
      "PATCH",
      `/orgs/${encodeURIComponent(orgId)}/members/${encodeURIComponent(userId)}`,
      options,
      { body: data },
    );
  }

  /**
   * Put somebody in, with a role.
   *
   * Whether they are a member or not, and have signed in or not; told again, it is no change. `email` and `name` are kept where they are given; an address is not verified by this. For services (`muster:write`).
   *
   * PUT /orgs/{orgId}/members/{userId}. It refuses with 403 `forbidden`; 404 `org_not_found`; 409 `last_admin`; 412 `version_mismatch`.
   */
  putMember(
    orgId: string,
    userId: string,
    data: PutMember,
    options: CallOptions & IfMatch = {},
  ): Promise<Member> {
    return this.#call(
      "PUT",
      `/orgs/${encodeURIComponent(orgId)}/members/${encodeURIComponent(userId)}`,
      options,
      { body: data },
    );
  }

  /**
   * Remove a member.
   *
   * Every right in the organisation ends with the answer. For Admins and services.
   *
   * DELETE /orgs/{orgId}/members/{userId}. It refuses with 403 `forbidden`; 404 `org_not_found`, `member_not_found`; 409 `last_admin`; 412 `version_mismatch`.
   */
  removeMember(
    orgId: string,
    userId: string,
    options: CallOptions & IfMatch = {},
  ): Promise<void> {
    return this.#call(
      "DELETE",
      `/orgs/${encodeURIComponent(orgId)}/members/${encodeURIComponent(userId)}`,
      options,
    );
  }

  /**
   * Invite somebody.
   *
   * By e-mail, or without `email` as an open code for several people. The secret goes to one place: the mail, or this answer (an open code, or `notify: false`). An open code never makes an Admin. For Admins and services.
   *
   * POST /orgs/{orgId}/invitations. It refuses with 403 `forbidden`; 404 `org_not_found`, `resource_not_found`; 409 `already_member`, `already_invited`, `idempotency_in_progress`; 422 `role_not_allowed`, `idempotency_key_reused`; 429 `rate_limited`.
   */
  invite(
    orgId: string,
    data: CreateInvitation,
    options: CallOptions & Idempotent = {},
  ): Promise<InvitationHandedOut> {
    return this.#call(
      "POST",
      `/orgs/${encodeURIComponent(orgId)}/invitations`,
      options,
      { body: data },
    );
  }

  /**
   * List the invitations.
   *
   * The newest first. For Admins and services.
   *
   * GET /orgs/{orgId}/invitations. It refuses with 403 `forbidden`; 404 `org_not_found`.
   */
  listInvitations(
    orgId: string,
    query?: {
      /** `next` of the page before, with the same filters. */
      cursor?: string;
      /**
       * For example: `bob@example.com`
       * @minLength 3
       * @maxLength 254
       */
      email?: string;
      /**
       * How many at most.
       * @min 1
       * @max 100
       * @default 25
       */
      limit?: number;
      /** For example: `member` */
      role?: Role;
      /** A `pending` one becomes `expired` by the clock alone. For example: `pending` */
      status?: "pending" | "accepted" | "declined" | "revoked" | "expired";
    },
    options: CallOptions = {},
  ): Promise<InvitationPage> {
    return this.#call(
      "GET",
      `/orgs/${encodeURIComponent(orgId)}/invitations`,
      options,
      { query },
    );
  }

  /**
   * Read an invitation.
   *
   * For Admins and services.
   *
   * GET /orgs/{orgId}/invitations/{invitationId}. It refuses with 403 `forbidden`; 404 `org_not_found`, `invitation_not_found`.
   */
  getInvitation(
    orgId: string,
    invitationId: string,
    options: CallOptions = {},
  ): Promise<Invitation> {
    return this.#call(
      "GET",
      `/orgs/${encodeURIComponent(orgId)}/invitations/${encodeURIComponent(invitationId)}`,
      options,
    );
  }

  /**
   * Change a pending invitation.
   *
   * What it offers, or how long, counted from now. The code stays. For Admins and services.
   *
   * PATCH /orgs/{orgId}/invitations/{invitationId}. It refuses with 403 `forbidden`; 404 `org_not_found`, `invitation_not_found`, `resource_not_found`; 409 `invitation_not_pending`; 412 `version_mismatch`; 422 `role_not_allowed`.
   */
  updateInvitation(
    orgId: string,
    invitationId: string,
    data: UpdateInvitation,
    options: CallOptions & IfMatch = {},
  ): Promise<Invitation> {
    return this.#call(
      "PATCH",
      `/orgs/${encodeURIComponent(orgId)}/invitations/${encodeURIComponent(invitationId)}`,
      options,
      { body: data },
    );
  }

  /**
   * Revoke an invitation.
   *
   * Nobody joins by it any more. Doing it twice is no error. For Admins and services.
   *
   * POST /orgs/{orgId}/invitations/{invitationId}/revoke. It refuses with 403 `forbidden`; 404 `org_not_found`, `invitation_not_found`; 409 `invitation_not_pending`, `idempotency_in_progress`; 412 `version_mismatch`; 422 `idempotency_key_reused`.
   */
  revokeInvitation(
    orgId: string,
    invitationId: string,
    options: CallOptions & IfMatch & Idempotent = {},
  ): Promise<Invitation> {
    return this.#call(
      "POST",
      `/orgs/${encodeURIComponent(orgId)}/invitations/${encodeURIComponent(invitationId)}/revoke`,
      options,
    );
  }

  /**
   * Send an invitation again.
   *
   * A new code (the old one is dead at once), a new term, and a new mail where the first one was mailed. Also for one that has expired. For Admins and services.
   *
   * POST /orgs/{orgId}/invitations/{invitationId}/resend. It refuses with 403 `forbidden`; 404 `org_not_found`, `invitation_not_found`; 409 `invitation_not_pending`, `already_invited`, `already_member`, `idempotency_in_progress`; 412 `version_mismatch`; 422 `idempotency_key_reused`; 429 `rate_limited`.
   */
  resendInvitation(
    orgId: string,
    invitationId: string,
    options: CallOptions & IfMatch & Idempotent = {},
  ): Promise<InvitationHandedOut> {
    return this.#call(
      "POST",
      `/orgs/${encodeURIComponent(orgId)}/invitations/${encodeURIComponent(invitationId)}/resend`,
      options,
    );
  }

  /**
   * Invite up to 100 at once.
   *
   * Each succeeds or fails by itself, all that succeed in one transaction; the results come in the order of the request. For Admins and services.
   *
   * POST /orgs/{orgId}/invitations/batch. It refuses with 403 `forbidden`; 404 `org_not_found`; 409 `idempotency_in_progress`; 422 `idempotency_key_reused`.
   */
  inviteBatch(
    orgId: string,
    data: CreateInvitations,
    options: CallOptions & Idempotent = {},
  ): Promise<BatchResults> {
    return this.#call(
      "POST",
      `/orgs/${encodeURIComponent(orgId)}/invitations/batch`,
      options,
      { body: data },
    );
  }

  /**
   * The bell: invitations that wait for me.
   *
   * Those for the verified e-mail address of the token, the newest first. None for an unverified address.
   *
   * GET /invitations. It refuses with 403 `forbidden`.
   */
  listOpenInvitations(
    query?: {
      /** `next` of the page before, with the same filters. */
      cursor?: string;
      /**
       * How many at most.
       * @min 1
       * @max 100
       * @default 25
       */
      limit?: number;
    },
    options: CallOptions = {},
  ): Promise<OfferPage> {
    return this.#call("GET", `/invitations`, options, { query });
  }

  /**
   * Accept an invitation.
   *
   * Answers the membership: 201, or 200 to a member who has joined by this invitation before. An offer of the Admin role ends when its inviter is no longer Admin.
   *
   * POST /invitations/{code}/accept. It refuses with 403 `forbidden`, `email_mismatch`, `email_unverified`, `email_domain_not_allowed`; 404 `invitation_not_found`; 409 `already_member`, `idempotency_in_progress`; 410 `invitation_expired`, `invitation_revoked`, `invitation_declined`, `invitation_used`; 412 `version_mismatch`; 422 `idempotency_key_reused`; 429 `rate_limited`.
   */
  acceptInvitation(
    code: string,
    options: CallOptions & IfMatch & Idempotent = {},
  ): Promise<Membership> {
    return this.#call(
      "POST",
      `/invitations/${encodeURIComponent(code)}/accept`,
      options,
    );
  }

  /**
   * Decline an invitation.
   *
   * For the addressed person. Doing it twice is no error. An open code cannot be declined.
   *
   * POST /invitations/{code}/decline. It refuses with 403 `forbidden`, `email_mismatch`, `email_unverified`; 404 `invitation_not_found`; 409 `not_addressed`, `idempotency_in_progress`; 410 `invitation_expired`, `invitation_revoked`, `invitation_used`; 412 `version_mismatch`; 422 `idempotency_key_reused`; 429 `rate_limited`.
   */
  declineInvitation(
    code: string,
    data: DeclineInvitation,
    options: CallOptions & IfMatch & Idempotent = {},
  ): Promise<Declined> {
    return this.#call(
      "POST",
      `/invitations/${encodeURIComponent(code)}/decline`,
      options,
      { body: data },
    );
  }

  /**
   * Create a resource.
   *
   * A workspace, a domain in a workspace, a project: any `type` of your own, at most 8 deep. For Admins of the organisation, or of the resource that it is to lie in, and for services.
   *
   * POST /orgs/{orgId}/resources. It refuses with 403 `forbidden`; 404 `org_not_found`, `resource_not_found`; 409 `resource_too_deep`, `external_id_taken`, `idempotency_in_progress`; 422 `idempotency_key_reused`.
   */
  createResource(
    orgId: string,
    data: CreateResource,
    options: CallOptions & Idempotent = {},
  ): Promise<Resource> {
    return this.#call(
      "POST",
      `/orgs/${encodeURIComponent(orgId)}/resources`,
      options,
      { body: data },
    );
  }

  /**
   * List the resources I may read.
   *
   * In the order they were created, with the caller's role on each. A service sees all.
   *
   * GET /orgs/{orgId}/resources. It refuses with 403 `forbidden`; 404 `org_not_found`.
   */
  listResources(
    orgId: string,
    query?: {
      /** `next` of the page before, with the same filters. */
      cursor?: string;
      /**
       * Your own name for it, unique in the organisation. For example: `ws-42`
       * @minLength 1
       * @maxLength 255
       */
      externalId?: string;
      /**
       * How many at most.
       * @min 1
       * @max 100
       * @default 25
       */
      limit?: number;
      /** Only what lies directly in this resource; `root`: in none. For example: `01980f3a-9f00-7d21-b3c4-1122334455aa` */
      parentId?: string;
      /**
       * A short slug of your product's own. For example: `workspace`
       * @maxLength 50
       */
      type?: string;
    },
    options: CallOptions = {},
  ): Promise<ResourcePage> {
    return this.#call(
      "GET",
      `/orgs/${encodeURIComponent(orgId)}/resources`,
      options,
      { query },
    );
  }

  /**
   * Read a resource.
   *
   * For whoever has a role on it, granted or from above, and for services.
   *
   * GET /orgs/{orgId}/resources/{resourceId}. It refuses with 403 `forbidden`; 404 `org_not_found`, `resource_not_found`.
   */
  getResource(
    orgId: string,
    resourceId: string,
    options: CallOptions = {},
  ): Promise<Resource> {
    return this.#call(
      "GET",
      `/orgs/${encodeURIComponent(orgId)}/resources/${encodeURIComponent(resourceId)}`,
      options,
    );
  }

  /**
   * Rename or move a resource.
   *
   * Sets the fields that are given. Another `parentId` (null: the root) moves it with everything below it: who inherits rights from above changes with the answer, what was granted stays. For Admins of it; moving also needs `resource:create` where it is to lie.
   *
   * PATCH /orgs/{orgId}/resources/{resourceId}. It refuses with 403 `forbidden`; 404 `org_not_found`, `resource_not_found`; 409 `resource_cycle`, `resource_too_deep`, `branch_too_large`, `external_id_taken`; 412 `version_mismatch`.
   */
  updateResource(
    orgId: string,
    resourceId: string,
    data: UpdateResource,
    options: CallOptions & IfMatch = {},
  ): Promise<Resource> {
    return this.#call(
      "PATCH",
      `/orgs/${encodeURIComponent(orgId)}/resources/${encodeURIComponent(resourceId)}`,
      options,
      { body: data },
    );
  }

  /**
   * Delete a resource.
   *
   * And everything below it, with the roles granted there, for good; at most 10,000 resources at once. For Admins of it and services.
   *
   * DELETE /orgs/{orgId}/resources/{resourceId}. It refuses with 403 `forbidden`; 404 `org_not_found`, `resource_not_found`; 409 `branch_too_large`; 412 `version_mismatch`.
   */
  deleteResource(
    orgId: string,
    resourceId: string,
    options: CallOptions & IfMatch = {},
  ): Promise<void> {
    return this.#call(
      "DELETE",
      `/orgs/${encodeURIComponent(orgId)}/resources/${encodeURIComponent(resourceId)}`,
      options,
    );
  }

  /**
   * List who has a right on a resource.
   *
   * Everybody, by user id, with what their role comes to and where it comes from. For whoever may read it, and for services.
   *
   * GET /orgs/{orgId}/resources/{resourceId}/members. It refuses with 403 `forbidden`; 404 `org_not_found`, `resource_not_found`.
   */
  listResourceMembers(
    orgId: string,
    resourceId: string,
    query?: {
      /** `next` of the page before, with the same filters. */
      cursor?: string;
      /**
       * How many at most.
       * @min 1
       * @max 100
       * @default 25
       */
      limit?: number;
    },
    options: CallOptions = {},
  ): Promise<ResourceMemberPage> {
    return this.#call(
      "GET",
      `/orgs/${encodeURIComponent(orgId)}/resources/${encodeURIComponent(resourceId)}/members`,
      options,
      { query },
    );
  }

  /**
   * Grant a role on a resource.
   *
   * To a member of the organisation, on the resource and everything below it; again with another role changes it. A service may name anybody: who is not in the organisation becomes a Member of it. For Admins of the resource and services.
   *
   * PUT /orgs/{orgId}/resources/{resourceId}/members/{userId}. It refuses with 403 `forbidden`; 404 `org_not_found`, `resource_not_found`, `member_not_found`; 412 `version_mismatch`.
   */
  grantRole(
    orgId: string,
    resourceId: string,
    userId: string,
    data: GrantRole,
    options: CallOptions & IfMatch = {},
  ): Promise<Grant> {
    return this.#call(
      "PUT",
      `/orgs/${encodeURIComponent(orgId)}/resources/${encodeURIComponent(resourceId)}/members/${encodeURIComponent(userId)}`,
      options,
      { body: data },
    );
  }

  /**
   * Withdraw a role on a resource.
   *
   * Takes back what was granted on this very resource. What the member has from above, they keep. For Admins of the resource and services.
   *
   * DELETE /orgs/{orgId}/resources/{resourceId}/members/{userId}. It refuses with 403 `forbidden`; 404 `org_not_found`, `resource_not_found`, `grant_not_found`; 412 `version_mismatch`.
   */
  withdrawRole(
    orgId: string,
    resourceId: string,
    userId: string,
    options: CallOptions & IfMatch = {},
  ): Promise<void> {
    return this.#call(
      "DELETE",
      `/orgs/${encodeURIComponent(orgId)}/resources/${encodeURIComponent(resourceId)}/members/${encodeURIComponent(userId)}`,
      options,
    );
  }

  /**
   * Read an organisation's invoice information.
   *
   * For Admins and Accounting, and for services. Where nobody has filled it in, everything is null.
   *
   * GET /orgs/{orgId}/billing. It refuses with 403 `forbidden`; 404 `org_not_found`.
   */
  getOrgBilling(orgId: string, options: CallOptions = {}): Promise<Billing> {
    return this.#call(
      "GET",
      `/orgs/${encodeURIComponent(orgId)}/billing`,
      options,
    );
  }

  /**
   * Fill in an organisation's invoice information.
   *
   * Replaces the whole: what is not given is empty afterwards. For Admins and Accounting, and for services.
   *
   * PUT /orgs/{orgId}/billing. It refuses with 403 `forbidden`; 404 `org_not_found`; 412 `version_mismatch`.
   */
  setOrgBilling(
    orgId: string,
    data: SetBilling,
    options: CallOptions & IfMatch = {},
  ): Promise<Billing> {
    return this.#call(
      "PUT",
      `/orgs/${encodeURIComponent(orgId)}/billing`,
      options,
      { body: data },
    );
  }

  /**
   * Read a resource's invoice information.
   *
   * For Admins and Accounting, and for services. Where nobody has filled it in, everything is null.
   *
   * GET /orgs/{orgId}/resources/{resourceId}/billing. It refuses with 403 `forbidden`; 404 `org_not_found`, `resource_not_found`.
   */
  getResourceBilling(
    orgId: string,
    resourceId: string,
    options: CallOptions = {},
  ): Promise<Billing> {
    return this.#call(
      "GET",
      `/orgs/${encodeURIComponent(orgId)}/resources/${encodeURIComponent(resourceId)}/billing`,
      options,
    );
  }

  /**
   * Fill in a resource's invoice information.
   *
   * Replaces the whole: what is not given is empty afterwards. For Admins and Accounting, and for services.
   *
   * PUT /orgs/{orgId}/resources/{resourceId}/billing. It refuses with 403 `forbidden`; 404 `org_not_found`, `resource_not_found`; 412 `version_mismatch`.
   */
  setResourceBilling(
    orgId: string,
    resourceId: string,
    data: SetBilling,
    options: CallOptions & IfMatch = {},
  ): Promise<Billing> {
    return this.#call(
      "PUT",
      `/orgs/${encodeURIComponent(orgId)}/resources/${encodeURIComponent(resourceId)}/billing`,
      options,
      { body: data },
    );
  }

  /**
   * May this user do that here?
   *
   * Up to 100 questions at once, answered as things are now. What does not exist allows nothing, and is no error. Users ask about themselves, services (`muster:check`) about anybody.
   *
   * POST /access/check. It refuses with 403 `forbidden`.
   */
  checkAccess(
    data: AccessCheck,
    options: CallOptions = {},
  ): Promise<AccessVerdicts> {
    return this.#call("POST", `/access/check`, options, { body: data });
  }

  /**
   * Why may they?
   *
   * What a member may do: in the organisation first, then on each resource they may read, with every reason: which role, from where, since when, given by whom. For the member, for Admins and for services.
   *
   * GET /orgs/{orgId}/members/{userId}/access. It refuses with 403 `forbidden`; 404 `org_not_found`, `member_not_found`.
   */
  explainAccess(
    orgId: string,
    userId: string,
    query?: {
      /** `next` of the page before, with the same filters. */
      cursor?: string;
      /**
       * How many at most.
       * @min 1
       * @max 100
       * @default 25
       */
      limit?: number;
      /**
       * Only on this resource. For example: `01980f3a-7c55-7b32-9a8e-2f6f3b1c4d5e`
       * @format uuid
       */
      resourceId?: string;
    },
    options: CallOptions = {},
  ): Promise<AccessPage> {
    return this.#call(
      "GET",
      `/orgs/${encodeURIComponent(orgId)}/members/${encodeURIComponent(userId)}/access`,
      options,
      { query },
    );
  }

  /**
   * What each role may do.
   *
   * The same for every organisation.
   *
   * GET /roles.
   */
  listRoles(options: CallOptions = {}): Promise<RoleMatrix> {
    return this.#call("GET", `/roles`, options);
  }

  /**
   * Somebody signed up, or changed.
   *
   * For the hook of your identity provider. What is left out stays as it is known. The first time gives them an organisation of their own, as `PUT /me` does (unless `PERSONAL_ORG=never`), and a 201. For services (`muster:write`).
   *
   * PUT /users/{userId}. It refuses with 403 `forbidden`.
   */
  putUser(
    userId: string,
    data: PutUser,
    options: CallOptions = {},
  ): Promise<Account> {
    return this.#call("PUT", `/users/${encodeURIComponent(userId)}`, options, {
      body: data,
    });
  }

  /**
   * Read somebody, and where they are.
   *
   * With their first 100 organisations; `GET /orgs?userId=` pages through all. For services (`muster:read`).
   *
   * GET /users/{userId}. It refuses with 403 `forbidden`; 404 `user_not_found`.
   */
  getUser(userId: string, options: CallOptions = {}): Promise<Account> {
    return this.#call("GET", `/users/${encodeURIComponent(userId)}`, options);
  }

  /**
   * Erase a person.
   *
   * In every organisation: memberships and rights end, invitations to them are revoked, and in what stays for others a pseudonym takes their place. Where they are the only Admin, 409 `last_admin` lists the organisations in `orgs`. For services (`muster:write`).
   *
   * DELETE /users/{userId}. It refuses with 403 `forbidden`; 404 `user_not_found`; 409 `last_admin`.
   */
  eraseUser(userId: string, options: CallOptions = {}): Promise<ErasedUser> {
    return this.#call(
      "DELETE",
      `/users/${encodeURIComponent(userId)}`,
      options,
    );
  }

  /**
   * Export all that is kept of a person.
   *
   * Over all organisations, for a request under article 15 of the GDPR. Of others it holds ids alone. For services (`muster:read`).
   *
   * GET /users/{userId}/export. It refuses with 403 `forbidden`; 404 `user_not_found`.
   */
  exportUser(userId: string, options: CallOptions = {}): Promise<UserExport> {
    return this.#call(
      "GET",
      `/users/${encodeURIComponent(userId)}/export`,
      options,
    );
  }

  /**
   * Read the audit log.
   *
   * Who did what in the organisation, the newest first, as soon as it is done. For Admins and services.
   *
   * GET /orgs/{orgId}/events. It refuses with 403 `forbidden`; 404 `org_not_found`.
   */
  listEvents(
    orgId: string,
    query?: {
      /**
       * Who did it: the `sub` of a user or a service. For example: `auth0|64f1c0ffee`
       * @minLength 1
       * @maxLength 255
       */
      actor?: string;
      /** `next` of the page before, with the same filters. */
      cursor?: string;
      /**
       * From this moment on. For example: `2026-01-31T00:00:00Z`
       * @format date-time
       */
      from?: string;
      /**
       * How many at most.
       * @min 1
       * @max 100
       * @default 25
       */
      limit?: number;
      /**
       * Until before this moment. For example: `2026-01-31T00:00:00Z`
       * @format date-time
       */
      to?: string;
      /** For example: `member.added` */
      type?: EventType;
    },
    options: CallOptions = {},
  ): Promise<EventPage> {
    return this.#call(
      "GET",
      `/orgs/${encodeURIComponent(orgId)}/events`,
      options,
      { query },
    );
  }

  /**
   * Follow what happens everywhere.
   *
   * The events of all organisations, the oldest first, within about a second. Keep `next` when you have worked through a page, and go on from there: nothing is ever skipped, and nothing comes twice. For services (`muster:read`).
   *
   * GET /events. It refuses with 403 `forbidden`; 410 `cursor_expired`.
   */
  readFeed(
    query?: {
      /** `next` of the page before, with the same filters. */
      cursor?: string;
      /**
       * How many at most.
       * @min 1
       * @max 100
       * @default 25
       */
      limit?: number;
    },
    options: CallOptions = {},
  ): Promise<Feed> {
    return this.#call("GET", `/events`, options, { query });
  }

  /**
   * Have an endpoint told of events.
   *
   * From now on, signed by Standard Webhooks: verify `webhook-id`, `webhook-timestamp` and `webhook-signature` with any of its libraries and the secret, which is in this answer alone. The body is the event, as the feed tells it. Answer with 2xx within 15 s; what fails is tried again for about three days. The same event may come more than once, always with the same `webhook-id`, and not always in order. For services (`muster:write`).
   *
   * POST /webhooks. It refuses with 403 `forbidden`; 409 `too_many_webhooks`, `idempotency_in_progress`; 422 `idempotency_key_reused`.
   */
  createWebhook(
    data: CreateWebhook,
    options: CallOptions & Idempotent = {},
  ): Promise<WebhookWithSecret> {
    return this.#call("POST", `/webhooks`, options, { body: data });
  }

  /**
   * List the webhooks.
   *
   * In the order they were created. For services (`muster:read`).
   *
   * GET /webhooks. It refuses with 403 `forbidden`.
   */
  listWebhooks(
    query?: {
      /** `next` of the page before, with the same filters. */
      cursor?: string;
      /**
       * How many at most.
       * @min 1
       * @max 100
       * @default 25
       */
      limit?: number;
    },
    options: CallOptions = {},
  ): Promise<WebhookPage> {
    return this.#call("GET", `/webhooks`, options, { query });
  }

  /**
   * Read a webhook.
   *
   * For services (`muster:read`).
   *
   * GET /webhooks/{webhookId}. It refuses with 403 `forbidden`; 404 `webhook_not_found`.
   */
  getWebhook(webhookId: string, options: CallOptions = {}): Promise<Webhook> {
    return this.#call(
      "GET",
      `/webhooks/${encodeURIComponent(webhookId)}`,
      options,
    );
  }

  /**
   * Change a webhook.
   *
   * Sets the fields that are given. While it is disabled, events pass it by: the feed has them. For services (`muster:write`).
   *
   * PATCH /webhooks/{webhookId}. It refuses with 403 `forbidden`; 404 `webhook_not_found`; 412 `version_mismatch`.
   */
  updateWebhook(
    webhookId: string,
    data: UpdateWebhook,
    options: CallOptions & IfMatch = {},
  ): Promise<Webhook> {
    return this.#call(
      "PATCH",
      `/webhooks/${encodeURIComponent(webhookId)}`,
      options,
      { body: data },
    );
  }

  /**
   * Delete a webhook.
   *
   * And its deliveries. For services (`muster:write`).
   *
   * DELETE /webhooks/{webhookId}. It refuses with 403 `forbidden`; 404 `webhook_not_found`; 412 `version_mismatch`.
   */
  deleteWebhook(
    webhookId: string,
    options: CallOptions & IfMatch = {},
  ): Promise<void> {
    return this.#call(
      "DELETE",
      `/webhooks/${encodeURIComponent(webhookId)}`,
      options,
    );
  }

  /**
   * Give a webhook a new secret.
   *
   * It is in this answer alone. The old one signs beside it for 24 hours: change over in that time. For services (`muster:write`).
   *
   * POST /webhooks/{webhookId}/rotate-secret. It refuses with 403 `forbidden`; 404 `webhook_not_found`; 409 `idempotency_in_progress`; 412 `version_mismatch`; 422 `idempotency_key_reused`.
   */
  rotateSecret(
    webhookId: string,
    options: CallOptions & IfMatch & Idempotent = {},
  ): Promise<WebhookWithSecret> {
    return this.#call(
      "POST",
      `/webhooks/${encodeURIComponent(webhookId)}/rotate-secret`,
      options,
    );
  }

  /**
   * Send a test event.
   *
   * Of the type `webhook.test`, to this endpoint alone, whichever types it wants. What becomes of it is in the list of deliveries. For services (`muster:write`).
   *
   * POST /webhooks/{webhookId}/test. It refuses with 403 `forbidden`; 404 `webhook_not_found`; 409 `webhook_disabled`, `idempotency_in_progress`; 422 `idempotency_key_reused`.
   */
  sendTestEvent(
    webhookId: string,
    options: CallOptions & Idempotent = {},
  ): Promise<Delivery> {
    return this.#call(
      "POST",
      `/webhooks/${encodeURIComponent(webhookId)}/test`,
      options,
    );
  }

  /**
   * List the deliveries.
   *
   * Of the last 30 days, the newest first. For services (`muster:read`).
   *
   * GET /webhooks/{webhookId}/deliveries. It refuses with 403 `forbidden`; 404 `webhook_not_found`.
   */
  listDeliveries(
    webhookId: string,
    query?: {
      /** `next` of the page before, with the same filters. */
      cursor?: string;
      /**
       * How many at most.
       * @min 1
       * @max 100
       * @default 25
       */
      limit?: number;
      status?: "pending" | "succeeded" | "failed";
    },
    options: CallOptions = {},
  ): Promise<DeliveryPage> {
    return this.#call(
      "GET",
      `/webhooks/${encodeURIComponent(webhookId)}/deliveries`,
      options,
      { query },
    );
  }

  /**
   * Send an event again.
   *
   * As a new delivery, at once; the receiver knows it by the same `webhook-id`. For services (`muster:write`).
   *
   * POST /webhooks/{webhookId}/deliveries/{deliveryId}/redeliver. It refuses with 403 `forbidden`; 404 `webhook_not_found`, `delivery_not_found`; 409 `webhook_disabled`, `idempotency_in_progress`; 422 `idempotency_key_reused`.
   */
  redeliver(
    webhookId: string,
    deliveryId: string,
    options: CallOptions & Idempotent = {},
  ): Promise<Delivery> {
    return this.#call(
      "POST",
      `/webhooks/${encodeURIComponent(webhookId)}/deliveries/${encodeURIComponent(deliveryId)}/redeliver`,
      options,
    );
  }

  async #call<Answer>(
    method: string,
    path: string,
    { signal, ifMatch, idempotencyKey }: CallOptions & IfMatch & Idempotent,
    { query = {}, body }: { query?: object | undefined; body?: object } = {},
  ): Promise<Answer> {
    const { url, token, fetch: send = fetch } = this.#options;
    const headers = new Headers();
    const bearer = typeof token === "function" ? await token() : token;
    if (bearer !== undefined) headers.set("Authorization", `Bearer ${bearer}`);
    if (body !== undefined) headers.set("Content-Type", "application/json");
    if (ifMatch !== undefined) headers.set("If-Match", `"${ifMatch}"`);
    if (idempotencyKey !== undefined)
      headers.set("Idempotency-Key", idempotencyKey);
    const asked = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) asked.append(name, String(value));
    }
    const search = String(asked) && `?${asked}`;
    const response = await send(url.replace(/\/$/, "") + path + search, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
    const text = await response.text();
    const isProblem = response.headers
      .get("Content-Type")
      ?.startsWith("application/problem+json");
    if (!response.ok)
      throw new MusterError(response, isProblem ? JSON.parse(text) : null);
    return (text === "" ? undefined : JSON.parse(text)) as Answer;
  }
}
