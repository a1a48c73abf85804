-- The health of a ConnectivityTest for Argo CD. It uses no library that Argo CD leaves out unless useOpenLibs is set.
local os = require("os")
local status = obj.status or {}
local health = {status = "Progressing", message = "netverdict has not read this test yet"}
if status.observedGeneration ~= obj.metadata.generation then
  return health
end
local conditions = {}
for _, condition in ipairs(status.conditions or {}) do
  conditions[condition.type] = condition
end
if conditions.Reconciling and conditions.Reconciling.status == "True" then
  health.message = conditions.Reconciling.message
  return health
end
local ready = conditions.Ready or {}
health.message = status.message or ready.message or ""
-- An operator that is away cannot report that a verdict has expired. Times of this form compare as texts.
if status.validUntil and os.date("!%Y-%m-%dT%H:%M:%S") > status.validUntil then
  health.status = "Degraded"
  health.message = "the verdict expired at " .. status.validUntil .. ". Check that the operator runs"
elseif ready.status == "True" then
  health.status = "Healthy"
elseif conditions.Stalled and conditions.Stalled.status == "True" then
  health.status = "Degraded"
elseif ready.reason == "Suspended" then
  health.status = "Suspended"
end
return health
