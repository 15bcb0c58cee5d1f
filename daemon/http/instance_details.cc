#include "daemon/http/instance_details.h"

#include "daemon/json/json_value.h"

namespace signinwatch::http {

std::string InstanceDetails(uint64_t lag_records) {
  return "{\"lag_records\":" + std::to_string(lag_records) + "}";
}

std::optional<uint64_t> LagRecordsOf(const store::InstanceFacts& facts) {
  const json::JsonDocument details(facts.details);
  const json::JsonValue lag = details.root()["lag_records"];
  if (!lag.IsNumber()) return std::nullopt;
  return lag.Count();
}

}  // namespace signinwatch::http
