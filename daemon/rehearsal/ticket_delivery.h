// A revision as it would come from the outbox, from its JSON alone.
#ifndef SIGNINWATCH_DAEMON_REHEARSAL_TICKET_DELIVERY_H_
#define SIGNINWATCH_DAEMON_REHEARSAL_TICKET_DELIVERY_H_

#include <string>

#include "daemon/store/outbox.h"

namespace signinwatch::rehearsal {

[[nodiscard]] store::Delivery DeliveryOf(std::string json, EventTime committed_at);

}  // namespace signinwatch::rehearsal

#endif  // SIGNINWATCH_DAEMON_REHEARSAL_TICKET_DELIVERY_H_
