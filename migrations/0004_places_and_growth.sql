CREATE TABLE "feed_places" (
	"position" bigint NOT NULL,
	"event_id" uuid NOT NULL
);
--> statement-breakpoint
CREATE TABLE "feed_queue" (
	"serial" bigint PRIMARY KEY NOT NULL,
	"event_id" uuid NOT NULL,
	"type" text NOT NULL
);
--> statement-breakpoint
-- All at once, and not in batches by a job: it reads events without a lock, and writes what nobody reads yet.
INSERT INTO "feed_places" ("position", "event_id") SELECT "position", "id" FROM "events" WHERE "position" IS NOT NULL ORDER BY "position";--> statement-breakpoint
ALTER TABLE "feed_places" ADD PRIMARY KEY ("position");--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "invitations_status" ON "invitations" USING btree ("org_id","status","id");--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "members_user_joined" ON "members" USING btree ("user_id","joined_at","org_id");--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "members_above_joined" ON "members" USING btree ("org_id","role","joined_at","user_id") WHERE role <> 'member';--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "users_called" ON "users" USING btree (lower(name) text_pattern_ops);--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "users_addressed" ON "users" USING btree (lower(email) text_pattern_ops);--> statement-breakpoint
-- Rows for each of them on average, for the planner: where it counts one, as where most organisations have one member, any
-- index that begins with the organisation is as good to it as the primary key, and one of them has a million rows to read.
ALTER TABLE "members" ALTER COLUMN "org_id" SET (n_distinct = -0.1), ALTER COLUMN "user_id" SET (n_distinct = -0.1);--> statement-breakpoint
ALTER TABLE "invitations" ALTER COLUMN "org_id" SET (n_distinct = -0.1);--> statement-breakpoint
DO $migration$
BEGIN
	-- Of a table that was empty when it was analysed the planner reads all, also when it has grown, until the next time.
	IF EXISTS (SELECT FROM "members") THEN
		ANALYZE "members", "invitations", "users";
	END IF;
END $migration$;--> statement-breakpoint
-- From here to the end nobody reads or writes events: as long as it takes to add what has come since.
LOCK TABLE "events" IN ACCESS EXCLUSIVE MODE;--> statement-breakpoint
INSERT INTO "feed_places" ("position", "event_id") SELECT "position", "id" FROM "events" WHERE "position" > (SELECT coalesce(max("position"), 0) FROM "feed_places");--> statement-breakpoint
INSERT INTO "feed_queue" ("serial", "event_id", "type") SELECT "serial", "id", "type" FROM "events" WHERE "position" IS NULL;--> statement-breakpoint
ALTER TABLE "events" ADD CONSTRAINT "events_counted" CHECK ((org_id is null) = (sequence is null)) NOT VALID;--> statement-breakpoint
DO $migration$
BEGIN
	-- Where the row of the feed is of this very transaction the database is new, and no older version has ever run on it.
	IF (SELECT "xmin" = pg_current_xact_id()::xid FROM "feed") THEN
		DROP INDEX "events_position";
		DROP INDEX "events_unplaced";
		ALTER TABLE "events" DROP COLUMN "position";
		RETURN;
	END IF;

	-- Else what a process of the version before writes is kept here too, and what it reads is written there too.
	CREATE FUNCTION "queue_events"() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO "feed_queue" ("serial", "event_id", "type") SELECT "serial", "id", "type" FROM "written"
		ON CONFLICT DO NOTHING;
		RETURN NULL;
	END $$;
	CREATE FUNCTION "keep_place"() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO "feed_places" ("position", "event_id") VALUES (NEW."position", NEW."id") ON CONFLICT DO NOTHING;
		DELETE FROM "feed_queue" WHERE "serial" = NEW."serial";
		RETURN NULL;
	END $$;
	CREATE FUNCTION "tell_places"() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		UPDATE "events" SET "position" = "placed"."position" FROM "placed"
		WHERE "events"."id" = "placed"."event_id" AND "events"."position" IS NULL;
		RETURN NULL;
	END $$;
	CREATE TRIGGER "queue_events" AFTER INSERT ON "events" REFERENCING NEW TABLE AS "written"
		FOR EACH STATEMENT EXECUTE FUNCTION "queue_events"();
	CREATE TRIGGER "keep_place" AFTER UPDATE OF "position" ON "events"
		FOR EACH ROW WHEN (OLD."position" IS NULL AND NEW."position" IS NOT NULL) EXECUTE FUNCTION "keep_place"();
	CREATE TRIGGER "tell_places" AFTER INSERT ON "feed_places" REFERENCING NEW TABLE AS "placed"
		FOR EACH STATEMENT EXECUTE FUNCTION "tell_places"();
END $migration$;
