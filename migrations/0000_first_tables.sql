CREATE TABLE "audit_events" (
	"id" text PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"actor_id" text NOT NULL,
	"actor_name" text NOT NULL,
	"actor_role" text NOT NULL,
	"action" text NOT NULL,
	"subject" text NOT NULL,
	"outcome" text NOT NULL,
	"reason" text NOT NULL,
	"before" jsonb,
	"after" jsonb
);
--> statement-breakpoint
CREATE TABLE "breaker_transitions" (
	"event_id" text PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"shard" text NOT NULL,
	"from_state" text NOT NULL,
	"to_state" text NOT NULL,
	"generation" bigint NOT NULL,
	"reason" text NOT NULL,
	"actor_name" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "operators" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"email" text NOT NULL,
	"password_hash" text,
	"role" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"disabled_at" timestamp (3) with time zone,
	CONSTRAINT "operators_email_unique" UNIQUE("email"),
	CONSTRAINT "operators_email_lower_case" CHECK ("operators"."email" = lower("operators"."email")),
	CONSTRAINT "operators_role_known" CHECK ("operators"."role" in ('viewer', 'operator', 'admin'))
);
--> statement-breakpoint
CREATE TABLE "saved_views" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"operator_id" uuid NOT NULL,
	"page" text NOT NULL,
	"name" text NOT NULL,
	"search_params" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "saved_views_name_unique" UNIQUE("operator_id","page","name")
);
--> statement-breakpoint
CREATE TABLE "usage_minutes" (
	"shard" text NOT NULL,
	"minute" timestamp (3) with time zone NOT NULL,
	"type" text NOT NULL,
	"operation" text NOT NULL,
	"outcome" text NOT NULL,
	"count" bigint NOT NULL,
	"bytes" bigint NOT NULL,
	CONSTRAINT "usage_minutes_pk" PRIMARY KEY("shard","minute","type","operation","outcome")
);
--> statement-breakpoint
ALTER TABLE "saved_views" ADD CONSTRAINT "saved_views_operator_id_operators_id_fk" FOREIGN KEY ("operator_id") REFERENCES "public"."operators"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_events_by_time" ON "audit_events" USING btree ("at","id");--> statement-breakpoint
CREATE INDEX "breaker_transitions_of_shard" ON "breaker_transitions" USING btree ("shard","at","event_id");--> statement-breakpoint
CREATE INDEX "usage_minutes_by_time" ON "usage_minutes" USING btree ("minute");