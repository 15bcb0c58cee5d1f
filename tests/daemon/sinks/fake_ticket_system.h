// A ticket system in memory, and every way in which it may fail.
#ifndef SIGNINWATCH_TESTS_DAEMON_SINKS_FAKE_TICKET_SYSTEM_H_
#define SIGNINWATCH_TESTS_DAEMON_SINKS_FAKE_TICKET_SYSTEM_H_

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/sinks/ticket_system.h"
#include "tests/daemon/sinks/call_faults.h"

namespace signinwatch::sinks {

enum class FakeFault {
  kNone,
  kLostRequest,  // it was not done, and nobody knows
  kLostAnswer,   // it was done, and nobody knows
  kKilledBefore,
  kKilledAfter,
  kBusy,     // 429, ten seconds
  kRefused,  // 400
};

struct FakeTicket {
  std::string id = {};
  std::string key = {};
  RemoteFields fields = {};             // "text" is the reference written last
  std::vector<std::string> wrote = {};  // references, in the order in which they came
  std::vector<std::string> notes = {};
  std::string former = {}, merged_into = {}, parent = {};  // that the text names
  bool open = true;
  bool wont_fix = false;  // closed by a person, for certain
  bool gone = false;
  bool is_twin = false;               // closed as one
  bool touched_after_person = false;  // written to although a person had closed it
  bool closed_by_person = false;
  clock::SteadyTime found_from = {};
};

// What is there, which outlives the program that talks to it.
struct FakeServer {
  explicit FakeServer(const clock::Clock& server_clock) : clock(server_clock) {}

  const clock::Clock& clock;
  SystemTraits traits{.finds = true, .reads = true};
  std::chrono::milliseconds lag{0};  // until a look-up finds
  std::vector<FakeTicket> tickets;
  std::vector<std::string> calls;
  EventTime created_at = kBeginningOfTime;  // when the last Create was asked for
  EventTime lost_since = kBeginningOfTime;  // that the last look-up was told
  std::vector<std::string> messages;        // of a system that takes messages
  // What happens to the next call; by its name.
  std::function<FakeFault(const std::string&)> fault = [](const std::string&) {
    return FakeFault::kNone;
  };

  FakeTicket& At(const std::string& id) {
    return *std::find_if(tickets.begin(), tickets.end(),
                         [&](const FakeTicket& ticket) { return ticket.id == id; });
  }
  // Those that were closed as twins aside.
  [[nodiscard]] std::vector<const FakeTicket*> WithKey(const std::string& key) const {
    std::vector<const FakeTicket*> found;
    for (const FakeTicket& ticket : tickets) {
      if (ticket.key == key && !ticket.gone && !ticket.is_twin) found.push_back(&ticket);
    }
    return found;
  }
  void PersonCloses(FakeTicket* ticket) {
    ticket->open = false;
    ticket->closed_by_person = true;
  }
};

class FakeTicketSystem : public TicketSystem {
 public:
  explicit FakeTicketSystem(FakeServer* server) : server_(*server) {}

  [[nodiscard]] SystemTraits traits() const override { return server_.traits; }
  [[nodiscard]] Answer Ready() override { return {}; }

  [[nodiscard]] Answer Create(const Telling& telling, Made* made) override {
    server_.created_at = server_.clock.Wall();
    return Do("create", [&] {
      if (!server_.traits.updates) {
        server_.messages.push_back(telling.reference);
        return Answer();
      }
      if (server_.traits.unique_keys) {
        for (FakeTicket& ticket : server_.tickets) {
          if (ticket.key != telling.key || ticket.gone) continue;
          made->handle = {.id = ticket.id};
          made->existed = true;
          return Answer();
        }
      }
      FakeTicket ticket{.id = "T" + std::to_string(server_.tickets.size() + 1),
                        .key = telling.key,
                        .found_from = server_.clock.Steady() + server_.lag};
      Write(telling, &ticket);
      made->handle = {.id = ticket.id, .link = "https://tickets.example/" + ticket.id};
      server_.tickets.push_back(std::move(ticket));
      return Answer();
    });
  }
  [[nodiscard]] Answer Find(const Telling& telling, std::vector<Seen>* found) override {
    server_.lost_since = telling.lost_since;
    return Do("find", [&] {
      // Nor does it keep to what it was asked.
      for (const FakeTicket& ticket : server_.tickets) {
        if (ticket.key.substr(0, 2) != telling.key.substr(0, 2) || ticket.gone) continue;
        if (ticket.found_from <= server_.clock.Steady()) found->push_back(SeenOf(ticket));
      }
      return Answer();
    });
  }
  [[nodiscard]] Answer Read(const Known& known, Seen* seen) override {
    return DoAt("read", known.handle, [&](FakeTicket* ticket) { *seen = SeenOf(*ticket); });
  }
  [[nodiscard]] RemoteFields Fields(const Telling& telling) const override {
    return FieldsOf(telling);
  }
  [[nodiscard]] Answer Update(const Telling& telling, RemoteHandle* handle) override {
    return DoAt("update", *handle, [&](FakeTicket* ticket) {
      Touch(ticket);
      Write(telling, ticket);
    });
  }
  [[nodiscard]] Answer Resolve(const Telling&, RemoteHandle* handle) override {
    return DoAt("resolve", *handle, [&](FakeTicket* ticket) {
      Touch(ticket);
      ticket->open = false;
    });
  }
  [[nodiscard]] Answer Reopen(const Telling&, RemoteHandle* handle) override {
    return DoAt("reopen", *handle, [&](FakeTicket* ticket) {
      Touch(ticket);
      ticket->open = true;
    });
  }
  [[nodiscard]] Answer FindNote(const Telling& telling, const RemoteHandle& handle,
                                bool* found) override {
    return DoAt("find note", handle, [&](FakeTicket* ticket) {
      *found = std::find(ticket->notes.begin(), ticket->notes.end(), telling.reference) !=
               ticket->notes.end();
    });
  }
  [[nodiscard]] Answer AddNote(const Telling& telling, const RemoteHandle& handle) override {
    return DoAt("note", handle, [&](FakeTicket* ticket) {
      Touch(ticket);
      ticket->notes.push_back(telling.reference);
    });
  }
  [[nodiscard]] Answer CloseTwin(const Telling&, const RemoteHandle& twin,
                                 const RemoteHandle& stays) override {
    return DoAt("close twin", twin, [&](FakeTicket* ticket) {
      Touch(ticket);
      ticket->open = false;
      ticket->merged_into = stays.id;
      ticket->is_twin = true;
    });
  }
  void Cancel() override {}

 private:
  Seen SeenOf(const FakeTicket& ticket) const {
    return {.key = ticket.key,
            .handle = {.id = ticket.id, .link = "https://tickets.example/" + ticket.id},
            .state = ticket.open       ? store::RemoteState::kOpen
                     : ticket.wont_fix ? store::RemoteState::kClosedByPerson
                                       : store::RemoteState::kClosed,
            .fields = ticket.fields};
  }

  static RemoteFields FieldsOf(const Telling& telling) {
    return {{"text", telling.reference}, {"severity", telling.delivery.severity}};
  }

  static void Touch(FakeTicket* ticket) {
    if (ticket->closed_by_person) ticket->touched_after_person = true;
  }

  static void Write(const Telling& telling, FakeTicket* ticket) {
    ticket->wrote.push_back(telling.reference);
    ticket->former = telling.former.id;
    ticket->merged_into =
        telling.merged_into.id.empty() ? telling.merged_into.ticket_id : telling.merged_into.id;
    ticket->parent = telling.parent.id;
    for (const auto& [name, value] : FieldsOf(telling)) {
      if (!telling.leave.contains(name)) ticket->fields[name] = value;
    }
  }

  template <typename Work>
  Answer DoAt(const std::string& name, const RemoteHandle& handle, Work work) {
    return Do(name, [&] {
      FakeTicket& ticket = server_.At(handle.id);
      if (ticket.gone) return Answer{.kind = Answer::Kind::kGone, .error = "HTTP 404"};
      work(&ticket);
      return Answer();
    });
  }

  template <typename Work>
  Answer Do(const std::string& name, Work work) {
    const FakeFault fault = server_.fault(name);
    server_.calls.push_back(name);
    switch (fault) {
      case FakeFault::kKilledBefore:
        throw Killed();
      case FakeFault::kLostRequest:
        return {.kind = Answer::Kind::kUnknown, .error = "timeout", .reason = "timeout"};
      case FakeFault::kBusy:
        return {.kind = Answer::Kind::kNotDone,
                .error = "HTTP 429",
                .reason = "rate_limited",
                .retry_after = std::chrono::seconds(10),
                .sink_down = true};
      case FakeFault::kRefused:
        return {.kind = Answer::Kind::kRefused,
                .error = "HTTP 400 of anna@contoso.example",
                .reason = "client"};
      default:
        break;
    }
    const Answer answer = work();
    if (fault == FakeFault::kKilledAfter) throw Killed();
    if (fault == FakeFault::kLostAnswer) {
      return {.kind = Answer::Kind::kUnknown, .error = "HTTP 502", .reason = "server"};
    }
    return answer;
  }

  FakeServer& server_;
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_TESTS_DAEMON_SINKS_FAKE_TICKET_SYSTEM_H_
