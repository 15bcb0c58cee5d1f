// Who is told of a ticket, and by which exception nobody is. Pure: the time is an argument.
//
//   ticket.exception = ExceptionFor(ticket, config.exceptions, now);
//   for (const SinkConfig& sink : config.sinks) switch (AudienceOf(sink, ticket)) ...
//
// Detection knows nothing of this: a ticket exists, closes and counts the same. What a sink has
// been told of once it is told to its end, whatever this says later; that is the store's business
// (TicketRevision::sinks), since it needs what was committed before.
#ifndef SIGNINWATCH_DAEMON_ROUTING_ROUTING_H_
#define SIGNINWATCH_DAEMON_ROUTING_ROUTING_H_

#include <cstdint>
#include <span>
#include <string>

#include "daemon/config/serve_config.h"
#include "detectors/ticket.h"
#include "parser/event_time.h"

namespace signinwatch::routing {

// The name of the first exception that the ticket comes under; empty: none.
//
// It comes under one that has not ended, all of whose criteria it meets; of the entries of a
// criterion one is enough. Users are met by user tickets alone. Applications, addresses and devices
// are met if all failures of the burst are of them: one failure from elsewhere, or without such a
// value, or more distinct values than a ticket shows, and it is not what was expected. Names and
// ids are compared without case (ASCII); `*` in a user's stands for any text. A critical ticket
// comes under none: an expected burst does not come from a place that nobody knows.
[[nodiscard]] std::string ExceptionFor(const Ticket& ticket,
                                       std::span<const config::ExceptionConfig> exceptions,
                                       EventTime now);

// Whether the sink is to be told of this revision, by its own rules and ticket.exception.
enum class Audience : uint8_t {
  kTold,
  kNot,
  kRolledUp,  // by `roll_up` alone: it is part of a tenant's ticket, which says so there
};
[[nodiscard]] Audience AudienceOf(const config::SinkConfig& sink, const Ticket& ticket);

}  // namespace signinwatch::routing

#endif  // SIGNINWATCH_DAEMON_ROUTING_ROUTING_H_
