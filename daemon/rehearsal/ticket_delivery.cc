#include "daemon/rehearsal/ticket_delivery.h"

#include <utility>

#include "daemon/json/json_value.h"

namespace signinwatch::rehearsal {

store::Delivery DeliveryOf(std::string json, EventTime committed_at) {
  const json::JsonDocument document(json);
  const json::JsonValue ticket = document.root();
  return {.sequence = static_cast<int64_t>(ticket["revision"].Count()),
          .ticket_id = ticket["ticket_id"].Text(),
          .revision = static_cast<uint32_t>(ticket["revision"].Count()),
          .severity = ticket["severity"].Text(),
          .state = ticket["state"].Text(),
          .json = std::move(json),
          .committed_at = committed_at,
          .broker_time = kBeginningOfTime,
          .reason = ticket["reason"].Text(),
          .reopened = static_cast<uint32_t>(ticket["reopened"].Count()),
          .tenant_id = ticket["tenant_id"].Text(),
          .scope = ticket["scope"].Text(),
          .parent_ticket_id = ticket["parent_ticket_id"].Text(),
          .continues = ticket["continues"].Text(),
          .merged_into = ticket["merged_into"].Text()};
}

}  // namespace signinwatch::rehearsal
