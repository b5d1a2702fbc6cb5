DROP INDEX "tasks_blocked";
DROP TABLE "api_keys";
DROP TABLE "activity";
DROP TABLE "positions";
DROP TABLE "checklist_items";
DROP TABLE "watchers";
