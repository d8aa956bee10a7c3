CREATE TABLE "billing" (
	"org_id" uuid NOT NULL,
	"resource_id" uuid,
	"legal_name" text,
	"email" text,
	"vat_id" text,
	"address" jsonb,
	"purchase_order" text,
	"notes" text,
	"version" integer DEFAULT 1 NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "billing_place" UNIQUE NULLS NOT DISTINCT("org_id","resource_id")
);
--> statement-breakpoint
CREATE TABLE "grants" (
	"org_id" uuid NOT NULL,
	"user_id" text NOT NULL,
	"resource_id" uuid NOT NULL,
	"role" text NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"granted_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"granted_by_type" text NOT NULL,
	"granted_by_id" text NOT NULL,
	CONSTRAINT "grants_org_id_user_id_resource_id_pk" PRIMARY KEY("org_id","user_id","resource_id")
);
--> statement-breakpoint
CREATE TABLE "resources" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"parent_id" uuid,
	"path" uuid[] NOT NULL,
	"type" text NOT NULL,
	"name" text NOT NULL,
	"external_id" text,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "resources_org_id_id_pk" PRIMARY KEY("org_id","id"),
	CONSTRAINT "resources_place" CHECK (path[cardinality(path)] is not distinct from id and parent_id is not distinct from path[cardinality(path) - 1]),
	CONSTRAINT "resources_depth" CHECK (cardinality(path) <= 8)
);
--> statement-breakpoint
ALTER TABLE "invitations" ADD COLUMN "resource_roles" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "members" ADD COLUMN "granted_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "members" ADD COLUMN "granted_by_type" text;--> statement-breakpoint
ALTER TABLE "members" ADD COLUMN "granted_by_id" text;--> statement-breakpoint
ALTER TABLE "billing" ADD CONSTRAINT "billing_org_id_orgs_id_fk" FOREIGN KEY ("org_id") REFERENCES "public"."orgs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "billing" ADD CONSTRAINT "billing_org_id_resource_id_resources_org_id_id_fk" FOREIGN KEY ("org_id","resource_id") REFERENCES "public"."resources"("org_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grants" ADD CONSTRAINT "grants_org_id_user_id_members_org_id_user_id_fk" FOREIGN KEY ("org_id","user_id") REFERENCES "public"."members"("org_id","user_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grants" ADD CONSTRAINT "grants_org_id_resource_id_resources_org_id_id_fk" FOREIGN KEY ("org_id","resource_id") REFERENCES "public"."resources"("org_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "resources" ADD CONSTRAINT "resources_org_id_orgs_id_fk" FOREIGN KEY ("org_id") REFERENCES "public"."orgs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "resources" ADD CONSTRAINT "resources_org_id_parent_id_resources_org_id_id_fk" FOREIGN KEY ("org_id","parent_id") REFERENCES "public"."resources"("org_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "grants_resource" ON "grants" USING btree ("org_id","resource_id","user_id");--> statement-breakpoint
CREATE INDEX "resources_children" ON "resources" USING btree ("org_id","parent_id","id");--> statement-breakpoint
CREATE INDEX "resources_type" ON "resources" USING btree ("org_id","type","id");--> statement-breakpoint
CREATE INDEX "resources_path" ON "resources" USING btree ("org_id","path");--> statement-breakpoint
CREATE UNIQUE INDEX "resources_external_id" ON "resources" USING btree ("org_id","external_id");--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "members_above" ON "members" USING btree ("org_id","user_id") WHERE role <> 'member';