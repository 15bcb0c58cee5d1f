// The store: keyed state, tickets, what is to be delivered, and input positions, committed together
// (ARCHITECTURE.md, rule 3). There is no other checkpoint. Who uses it takes the port that it
// needs:
//
//   state_store.h    the pipeline: loads state and positions, commits, keeps the store in bounds
//   outbox.h         delivery: what waits for each sink, and what is known of a ticket there
//   ticket_store.h   the API, the console, the command line: tickets, and what people do with them
//   instance_store.h the status page: who else works on the store
//
// OpenStore (open_store.h) makes one. All calls are thread-safe: writers take turns, readers do not
// wait for them. Errors are absl::Status:
//   kResourceExhausted    the disk is full: may be tried again
//   kUnavailable          busy or a passing I/O error: may be tried again
//   kPermissionDenied     read-only, or not ours to open
//   kDataLoss             the file is damaged, or no store
//   kFailedPrecondition   another version, another process has it, no folder: the message says
//                         what to do
//   kAborted              the shard is not ours any more: another has claimed it
//   kNotFound             no such ticket
//   kInvalidArgument      a cursor that is none; more ticks than a ticket may have; a text that is
//                         beyond its bound
// After a Commit that failed otherwise nothing of it is in the store, and the same Commit may be
// tried again.
#ifndef SIGNINWATCH_DAEMON_STORE_STORE_H_
#define SIGNINWATCH_DAEMON_STORE_STORE_H_

#include "daemon/store/instance_store.h"
#include "daemon/store/outbox.h"
#include "daemon/store/state_store.h"
#include "daemon/store/ticket_store.h"

namespace signinwatch::store {

class Store : public StateStore, public Outbox, public TicketStore, public InstanceStore {};

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_DAEMON_STORE_STORE_H_
