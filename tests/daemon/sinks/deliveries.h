// Deliveries for tests.
#ifndef SIGNINWATCH_TESTS_DAEMON_SINKS_DELIVERIES_H_
#define SIGNINWATCH_TESTS_DAEMON_SINKS_DELIVERIES_H_

#include <cstdint>
#include <string>

#include "daemon/store/outbox.h"

namespace signinwatch::sinks {

inline store::Delivery MakeDelivery(int64_t sequence, const std::string& ticket_id = "t1",
                                    uint32_t revision = 1) {
  store::Delivery delivery;
  delivery.sequence = sequence;
  delivery.ticket_id = ticket_id;
  delivery.revision = revision;
  delivery.severity = "high";
  delivery.state = "open";
  delivery.json =
      "{\"ticket_id\":\"" + ticket_id + "\",\"revision\":" + std::to_string(revision) + "}";
  return delivery;
}

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_TESTS_DAEMON_SINKS_DELIVERIES_H_
