DELETE FROM "positions" WHERE "processor" IN ('notifications', 'reminders');
DROP TABLE "reminders";
DROP TABLE "task_reminders";
DROP TABLE "push_subscriptions";
DROP TABLE "notification_preferences";
DROP TABLE "deliveries";
DROP TABLE "notifications";
