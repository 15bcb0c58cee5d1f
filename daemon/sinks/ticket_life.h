// Keeps one ticket in a ticket system for one of ours, through its whole life, whatever answers are
// lost and whenever the process is killed. The one place where the rules of that are written; what
// a system's operations are is ticket_system.h.
//
//   auto sink = std::make_unique<TicketLife>(config.name, std::make_unique<JiraSystem>(config,
//   parts),
//                                            parts.outbox, parts.clock);
//
// For each revision (a delivery) the ticket there is brought to where the revision says:
//
//   what is known (the outbox)       what is done
//   nothing                          looked for by its key, where that works; then Create
//   a Create whose outcome is not    looked for, once it must be found (find_lag); Create again if
//     known                          it is not there, and then a look for twins
//   open                             Read; Update (and a note); Resolve if the revision is resolved
//                                    or merged
//   closed by us                     Read; Update only, or Reopen and Update if the burst goes on
//   closed by a person               nothing, ever; a revision of a burst that was reopened since
//                                    makes a successor, whose text names it
//
// - Before each operation that makes or changes something an *intent* is committed, with all that
// is
//   known by then; what became of it is committed with the acknowledgement. So a process that
//   starts again knows what may have been done, looks, and goes on where it was. Nothing else is
//   remembered: dropping this object between any two operations loses nothing.
// - Each change is preceded by a look at the state there. A person's closing wins (a state that is
// not
//   ours, or nothing there any more), and so do fields that a person changed. What a person
//   reopened is open again.
// - What a look-up returns is used only if it carries the key that was asked for.
// - Of several tickets for one key (twins: a system whose look-up lags may get them) the first that
//   Find names stays, the others are closed with a pointer to it.
// - Errors: an outcome that is not known is tried again, after a look; what the system can't take
// now
//   is tried again; what it refuses is given up, and the next revision is tried anew.
// - No address, no user and no object id leaves by an error text (redaction.h), whatever the other
//   side wrote.
//
// An older revision is never told after a newer one: deliveries of a ticket come in order, and what
// was told already is only acknowledged.
#ifndef SIGNINWATCH_DAEMON_SINKS_TICKET_LIFE_H_
#define SIGNINWATCH_DAEMON_SINKS_TICKET_LIFE_H_

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "daemon/clock/clock.h"
#include "daemon/sinks/ticket_sink.h"
#include "daemon/sinks/ticket_system.h"
#include "daemon/store/outbox.h"

namespace signinwatch::sinks {

class TicketLife : public TicketSink {
 public:
  // `sink`: its name in the outbox. The last two outlive this.
  TicketLife(std::string sink, std::unique_ptr<TicketSystem> system, store::Outbox& outbox,
             const clock::Clock& clock);

  [[nodiscard]] std::vector<SendResult> Send(std::span<const store::Delivery> deliveries) override;
  // A revision is several requests: each is acknowledged before the next is begun.
  [[nodiscard]] size_t batch_max() const override { return 1; }
  [[nodiscard]] bool keeps_remote_tickets() const override { return true; }
  // Which messages matter is decided by each (TicketSystem::traits).
  [[nodiscard]] bool leaves_out_superseded() const override { return system_->traits().updates; }
  [[nodiscard]] clock::SteadyTime Tend(clock::Instant now) override { return system_->Tend(now); }
  void ForgetAll() override { system_->ForgetAll(); }
  [[nodiscard]] absl::StatusOr<std::string> Ask() override;
  void Cancel() override { system_->Cancel(); }

 private:
  const std::string sink_;
  const std::unique_ptr<TicketSystem> system_;
  store::Outbox& outbox_;
  const clock::Clock& clock_;
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_TICKET_LIFE_H_
