// A ticket system, such as Jira or ServiceNow: how tickets are made, found, read, changed, closed
// and opened again there, and nothing else. When, in which order and whether at all is decided once
// for all of them, by TicketLife (ticket_life.h), which is the only caller.
//
// To add a system, derive from TicketSystem in a folder of its own:
//
//   class JiraSystem : public TicketSystem {
//     SystemTraits traits() const override { return {.finds = true, .find_lag = 2min, ...}; }
//     Answer Create(const Telling& telling, Made* made) override;   // one POST
//     ...
//   };
//   TicketSinkOr MakeJiraSink(const SinkConfig& config, const SinkParts& parts) {
//     return std::make_unique<TicketLife>(
//         config.name, std::make_unique<JiraSystem>(config, parts), parts.outbox, parts.clock);
//   }
//
// Each function is one operation, mostly one request, and says by its Answer what is known of its
// outcome afterwards; it neither tries again nor waits. Requests and what their answers mean are
// system_http.h, how texts are cut is cut_text.h. A system remembers nothing between calls that a
// restart may not forget: ids, memos and intents are kept for it.
//
// Used by one thread at a time, Cancel aside.
#ifndef SIGNINWATCH_DAEMON_SINKS_TICKET_SYSTEM_H_
#define SIGNINWATCH_DAEMON_SINKS_TICKET_SYSTEM_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "daemon/clock/clock.h"
#include "daemon/store/outbox.h"

namespace signinwatch::sinks {

// What is known of an operation once it has returned. The kinds differ by what has to happen next.
struct Answer {
  enum class Kind : uint8_t {
    kDone,
    // The answer was lost, or is none (5xx, a cut body, no JSON where JSON is due): it may have
    // been carried out. Before it is done again the system is looked at.
    kUnknown,
    kNotDone,  // for now: no connection, 429, its log-in or its configuration
    kWait,     // it was not tried: there is a reason to wait for `retry_after`, and nothing failed
    kRefused,  // it is about this ticket, and would be refused again: the revision is given up
    kGone,     // what the id names is not there (any more); of Reopen: it can't be reopened
  };
  Kind kind = Kind::kDone;
  std::string error = {};   // for people: without secrets and without users; empty: kDone, kWait
  std::string reason = {};  // a word for metrics: "auth", "rate_limited", "client", "server", ...
  std::chrono::milliseconds retry_after{0};  // at least so long; 0: as the back-off says
  // It is about the system, not about this ticket: nothing else need be tried before. Of kWait:
  // nothing else may be.
  bool sink_down = false;

  [[nodiscard]] bool done() const { return kind == Kind::kDone; }
};

// What a ticket is called there.
struct RemoteName {
  std::string ticket_id = {};  // ours; empty: there is no such ticket
  std::string id = {};         // theirs; empty: it was not told there, or has no name
  std::string link = {};
  std::string memo = {};  // that of its RemoteHandle
};

// One revision, ready to be told. Texts are written from delivery.json.
struct Telling {
  const store::Delivery& delivery;
  // By which it is found there: the ticket's id, with "-2", "-3", ... behind it for those that
  // succeed one that a person closed.
  std::string key = {};
  // "ticket_id/revision": stands in whatever is made or changed, and is never cut.
  std::string reference = {};
  // That a person closed and this one succeeds: each text names it, and the next three.
  RemoteName former = {};
  RemoteName parent = {};
  RemoteName continues = {};
  RemoteName merged_into = {};
  // Of a tenant's ticket where the sink has `roll_up`: what it holds there.
  store::RolledUp rolled_up = {};
  // Of Find: when the Create was begun whose outcome is not known (wall time); what is older by far
  // need not be found. kBeginningOfTime: nobody knows when, or there was none.
  EventTime lost_since = kBeginningOfTime;
  // Of Update: fields that a person has changed since they were written. They are left alone.
  std::set<std::string> leave = {};
};

// A ticket there, as it is known here. What Create and Find hand out comes back in all later calls,
// also after a restart.
struct RemoteHandle {
  std::string id = {};    // shown to people and in the API; empty: it has none
  std::string link = {};  // where people see it; empty: nowhere
  std::string memo = {};  // the system's own (a channel, ...), one line of at most 500 bytes
};

// Values of the fields that we write and people may change, by name, as Read shows them.
using RemoteFields = std::map<std::string, std::string>;

struct Made {
  RemoteHandle handle = {};
  // It was there already under this key (of systems whose keys are unique): nothing was written.
  bool existed = false;
};

struct Seen {
  // As it stands there. What a look-up returns is used only if it is the one asked for.
  std::string key = {};
  RemoteHandle handle = {};
  // kClosed: by us if we did, else by a person. kClosedByPerson: certainly (by what it was resolved
  // as, by whom, ...).
  store::RemoteState state = store::RemoteState::kOpen;
  RemoteFields fields = {};  // as they are; of Read
};

// What is known before a look: by it a system tells its own closing from a person's.
struct Known {
  RemoteHandle handle = {};
  bool closed_by_us = false;  // certainly, or perhaps: an answer to Resolve was lost
};

// How the engine has to treat a system. They do not change while it lives.
struct SystemTraits {
  // Find works. Then nothing is made that was not looked for before, the next aside.
  bool finds = false;
  // A look-up is dear: it is done only where the answer to a Create was lost.
  bool finds_only_lost = false;
  // What was made is found after so long; 0: at once.
  std::chrono::milliseconds find_lag{0};
  // A second Create of a key makes no second ticket: it says that it existed, or is the same.
  bool unique_keys = false;
  // Read works. Then each change is preceded by it, and what a person closed is left alone.
  bool reads = false;
  // A ticket there can be changed. Otherwise each Create is a message that stands for itself, and
  // only what matters makes one: the first revision, changes of state, reopenings, a severity above
  // all before. Of such a system nothing but Create is called.
  bool updates = true;
  // Notes are added beside updates; each is written once.
  bool notes = false;
  // A resolved ticket is not written to while it stays so (PagerDuty would page again).
  bool silent_when_closed = false;
  // What is gone is made anew, as a message that somebody deleted. Otherwise it was closed by them.
  bool made_anew_when_gone = false;
};

class TicketSystem {
 public:
  virtual ~TicketSystem() = default;
  [[nodiscard]] virtual SystemTraits traits() const = 0;
  // Asked before a revision is begun. kWait: until there is room for all requests of one
  // (SystemHttp::Ready).
  [[nodiscard]] virtual Answer Ready() = 0;

  // Makes it, open, with all texts of the revision, also of one that is resolved or merged.
  [[nodiscard]] virtual Answer Create(const Telling& telling, Made* made) = 0;
  // All that are there under telling.key, open or closed, that which is to stay if there are
  // several first (the oldest). None is kDone too.
  [[nodiscard]] virtual Answer Find(const Telling& telling, std::vector<Seen>* found) = 0;
  // kGone: it is not there. `seen->key` is not needed, since people may change labels.
  [[nodiscard]] virtual Answer Read(const Known& known, Seen* seen) = 0;
  // What Create and Update write for this revision, telling.leave aside. Pure. By it the engine
  // knows, also after a lost answer, whether a field is as we left it or a person's.
  [[nodiscard]] virtual RemoteFields Fields(const Telling& telling) const = 0;
  // Writes the texts of the revision, but for telling.leave; of a closed ticket without opening it.
  // `handle` may be changed (a link that is known now), here and below.
  [[nodiscard]] virtual Answer Update(const Telling& telling, RemoteHandle* handle) = 0;
  // Closes it, for a revision that is resolved or merged and whose text was written before.
  [[nodiscard]] virtual Answer Resolve(const Telling& telling, RemoteHandle* handle) = 0;
  // Opens what we closed; may write the texts of the revision with it, which Update is asked for
  // next. kGone: it is closed for good, and will have a successor.
  [[nodiscard]] virtual Answer Reopen(const Telling& telling, RemoteHandle* handle) = 0;

  // With traits().notes. Whether there is one with telling.reference: asked only where an answer
  // was lost.
  [[nodiscard]] virtual Answer FindNote(const Telling& telling, const RemoteHandle& handle,
                                        bool* found) = 0;
  [[nodiscard]] virtual Answer AddNote(const Telling& telling, const RemoteHandle& handle) = 0;
  // With traits().finds and without unique keys. Closes `twin`, made by a request whose answer was
  // lost, saying which one stays.
  [[nodiscard]] virtual Answer CloseTwin(const Telling& telling, const RemoteHandle& twin,
                                         const RemoteHandle& stays) = 0;

  // What has to be done though nothing changes, such as saying again that an alert fires: a bounded
  // piece of work. When to call again, at the latest.
  [[nodiscard]] virtual clock::SteadyTime Tend(clock::Instant now) {
    (void)now;
    return clock::SteadyTime::max();
  }
  // See TicketSink.
  virtual void ForgetAll() {}
  // See TicketSink; a request that changes nothing. *said stays empty where none could tell.
  [[nodiscard]] virtual Answer Ask(std::string* said) {
    (void)said;
    return {};
  }
  // From any thread: ends a request that is under way, and all later ones at once.
  virtual void Cancel() = 0;
};

// A system that takes messages which nobody can change: Ready, Create and Cancel are all of it.
class MessageSystem : public TicketSystem {
 public:
  [[nodiscard]] SystemTraits traits() const final { return {.updates = false}; }
  // None of these is called of a system without updates.
  [[nodiscard]] Answer Find(const Telling& /*telling*/, std::vector<Seen>* /*found*/) final {
    return {};
  }
  [[nodiscard]] Answer Read(const Known& /*known*/, Seen* /*seen*/) final { return {}; }
  [[nodiscard]] RemoteFields Fields(const Telling& /*telling*/) const final { return {}; }
  [[nodiscard]] Answer Update(const Telling& /*telling*/, RemoteHandle* /*handle*/) final {
    return {};
  }
  [[nodiscard]] Answer Resolve(const Telling& /*telling*/, RemoteHandle* /*handle*/) final {
    return {};
  }
  [[nodiscard]] Answer Reopen(const Telling& /*telling*/, RemoteHandle* /*handle*/) final {
    return {};
  }
  [[nodiscard]] Answer FindNote(const Telling& /*telling*/, const RemoteHandle& /*handle*/,
                                bool* /*found*/) final {
    return {};
  }
  [[nodiscard]] Answer AddNote(const Telling& /*telling*/, const RemoteHandle& /*handle*/) final {
    return {};
  }
  [[nodiscard]] Answer CloseTwin(const Telling& /*telling*/, const RemoteHandle& /*twin*/,
                                 const RemoteHandle& /*stays*/) final {
    return {};
  }
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_TICKET_SYSTEM_H_
