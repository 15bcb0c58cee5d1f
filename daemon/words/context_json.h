// A ticket's `context` as JSON (SPEC 6.5): the guide's questions, answered by the records.
#ifndef SIGNINWATCH_DAEMON_WORDS_CONTEXT_JSON_H_
#define SIGNINWATCH_DAEMON_WORDS_CONTEXT_JSON_H_

#include "daemon/json/json_writer.h"
#include "detectors/ticket.h"

namespace signinwatch::words {

// The member `context` of the object that `json` is in. A tenant's ticket has fewer fields.
void WriteContext(json::JsonWriter& json, const Ticket& ticket);
// The member `timeline`: {"start":"..","step_seconds":60,"counts":[3,0,12]}; null where it is
// empty.
void WriteTimeline(json::JsonWriter& json, const Timeline& timeline);

}  // namespace signinwatch::words

#endif  // SIGNINWATCH_DAEMON_WORDS_CONTEXT_JSON_H_
