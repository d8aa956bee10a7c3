ALTER TABLE "deliveries" DROP CONSTRAINT "deliveries_webhook_id_webhooks_id_fk";
--> statement-breakpoint
ALTER TABLE "invitations" ADD COLUMN "declined_by" text;--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "invitations_declined_by" ON "invitations" USING btree ("declined_by") WHERE declined_by is not null;