#include "daemon/rehearsal/sink_trial.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <random>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "daemon/log/log.h"
#include "daemon/rehearsal/preview.h"
#include "daemon/rehearsal/scratch_outbox.h"
#include "daemon/rehearsal/ticket_delivery.h"
#include "daemon/sinks/sink_registry.h"
#include "daemon/words/example_ticket.h"
#include "daemon/words/ticket_json.h"
#include "parser/harmful_characters.h"

namespace signinwatch::rehearsal {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPatience{300'000};
constexpr uint64_t kFailuresARevision = 10;

struct TrialStep {
  const char* name;
  const char* done;
  RevisionReason reason;
  TicketState state = TicketState::kOpen;
};

// A quote in a text of the JSON is escaped, so these are the members.
std::string Marked(std::string json) {
  const auto mark = [&json](std::string_view member, std::string_view words) {
    const size_t at = json.find(member);
    if (at != std::string::npos) json.insert(at + member.size(), words);
  };
  mark("\"title\":\"", "TEST: ");
  mark("\"summary\":\"",
       "This is a test by signinwatch sinks test: nothing happened, and nothing is to be done. ");
  return json;
}

// As if the same session had failed `more` times again.
void AddFailures(uint64_t more, Ticket* ticket) {
  ticket->event_count += more;
  ticket->total_event_count += more;
  ticket->codes.begin()->second += more;
  for (CountedList* list :
       {&ticket->apps, &ticket->ip_addresses, &ticket->countries, &ticket->devices}) {
    list->shown.front().count += more;
  }
}

class Trial {
 public:
  Trial(const config::Config& config, sinks::TicketSink& sink, ScratchOutbox& outbox,
        const TrialWorld& world, const std::function<void(const std::string&)>& say)
      : config_(config), sink_(sink), outbox_(outbox), world_(world), say_(say) {}

  bool Run() {
    const bool opened = Take({.name = "open", .done = "opened", .reason = RevisionReason::kOpened});
    const bool updated =
        opened &&
        Take({.name = "update", .done = "updated", .reason = RevisionReason::kCountDoubled});
    if (!opened && !perhaps_) return false;
    const bool resolved = Take({.name = "resolve",
                                .done = "resolved",
                                .reason = RevisionReason::kResolved,
                                .state = TicketState::kResolved});
    if (!resolved) {
      say_(absl::StrCat("the ticket may be open there: close it by hand (", world_.ticket_id, ")"));
    }
    return opened && updated && resolved;
  }

 private:
  std::string Json(const TrialStep& step) {
    Ticket ticket = words::ExampleTicket(world_.clock.Wall());
    ticket.ticket_id = world_.ticket_id;
    ticket.revision = ++revision_;
    ticket.reason = step.reason;
    ticket.state = step.state;
    ticket.user_principal_name = "test@signinwatch.invalid";
    ticket.severity = Severity::kLow;
    ticket.findings = {};
    ticket.reopened = 0;
    ticket.parent_ticket_id.clear();
    ticket.continues.clear();
    AddFailures(kFailuresARevision * (revision_ - 1), &ticket);
    if (step.state == TicketState::kResolved) {
      ticket.resolution = Resolution::kQuiet;
      ticket.resolved_at = world_.clock.Wall();
    }
    return Marked(words::TicketToJson(ticket, config_.serve.http.external_url));
  }

  bool Take(const TrialStep& step) {
    const store::Delivery delivery = DeliveryOf(Json(step), world_.clock.Wall());
    const clock::SteadyTime begun = world_.clock.Steady();
    sinks::SendResult result;
    for (;;) {
      result = sink_.Send({&delivery, 1}).front();
      if (result.kind != sinks::SendResult::Kind::kWaits || result.retry_after > patience_) break;
      patience_ -= result.retry_after;
      say_(absl::StrCat(step.name, ": waits for ", result.retry_after.count(), " ms"));
      world_.wait(std::max(result.retry_after, milliseconds(1)));
    }
    perhaps_ = perhaps_ || result.kind != sinks::SendResult::Kind::kPermanent;
    if (result.kind != sinks::SendResult::Kind::kDelivered) {
      std::string why = result.error;
      if (why.empty()) why = "the sink asks for a longer wait";
      if (!result.reason.empty()) absl::StrAppend(&why, " (", result.reason, ")");
      if (result.kind == sinks::SendResult::Kind::kTemporary) why += "; the daemon would try again";
      say_(absl::StrCat(step.name, ": FAILED: ", why));
      return false;
    }
    perhaps_ = true;
    if (result.remote) (void)outbox_.NoteRemote(*result.remote);
    const auto took = std::chrono::ceil<milliseconds>(world_.clock.Steady() - begun);
    say_(absl::StrCat(step.done, ": ", Place(result), took.count(), " ms"));
    return true;
  }

  // What it is called there.
  std::string Place(const sinks::SendResult& result) const {
    std::string place;
    if (!result.remote) return place;
    for (const std::string* part : {&result.remote->remote_id, &result.remote->link}) {
      if (!part->empty()) absl::StrAppend(&place, *part, ", ");
    }
    if (result.remote->state == store::RemoteState::kClosedByPerson)
      place += "closed by a person, ";
    return place;
  }

  const config::Config& config_;
  sinks::TicketSink& sink_;
  ScratchOutbox& outbox_;
  const TrialWorld& world_;
  const std::function<void(const std::string&)>& say_;
  uint32_t revision_ = 0;
  bool perhaps_ = false;  // there may be a ticket there
  milliseconds patience_ = kPatience;
};

// A UUID of chance (RFC 9562, version 4).
std::string RandomId() {
  std::random_device random;
  const uint32_t a = random(), b = random(), c = random(), d = random();
  return absl::StrFormat("%08x-%04x-4%03x-%04x-%04x%08x", a, b >> 16, b & 0xfff,
                         0x8000 | (c >> 16 & 0x3fff), c & 0xffff, d);
}

}  // namespace

bool TrySink(const config::Config& config, const config::SinkConfig& sink, const TrialWorld& world,
             const std::function<void(const std::string& line)>& say) {
  ScratchOutbox outbox;
  const sinks::TicketSinkOr made =
      sinks::MakeTicketSink(sink, {.source_cluster = config.serve.kafka.cluster,
                                   .make_http = world.make_http,
                                   .clock = world.clock,
                                   .outbox = outbox,
                                   .make_mail = world.make_mail});
  if (!made.ok()) {
    say(absl::StrCat("FAILED: ", std::string(made.status().message())));
    return false;
  }
  say(absl::StrCat("sink ", sink.name, " (", sink.type, "), test ticket ", world.ticket_id));
  return Trial(config, **made, outbox, world, say).Run();
}

int RunSinkTrial(const config::Config& config, const SinkTrialOptions& options, std::FILE* out,
                 std::FILE* err) {
  constexpr int kFine = 0, kFailed = 1, kUsage = 2;
  std::signal(SIGPIPE, SIG_IGN);  // a peer that goes away is an error of its connection
  log::ConfigureLog({.format = config.serve.log.format, .level = config::LogLevel::kError});
  std::string fault;
  const config::SinkConfig* sink = FindSink(config, options.sink, &fault);
  if (sink == nullptr) {
    std::fprintf(err, "signinwatch sinks: %s\n", fault.c_str());
    return kUsage;
  }
  bool written = true;
  const TrialWorld world{.make_http = http_client::NetworkTransports(),
                         .clock = clock::SystemClock(),
                         .ticket_id = RandomId(),
                         .wait = [](milliseconds span) { std::this_thread::sleep_for(span); }};
  const bool fine = TrySink(config, *sink, world, [&](const std::string& line) {
    written =
        written && std::fprintf(out, "%s\n", Harmless(line).c_str()) >= 0 && std::fflush(out) == 0;
  });
  if (!written) std::fputs("signinwatch sinks: cannot write to standard output\n", err);
  return fine && written ? kFine : kFailed;
}

}  // namespace signinwatch::rehearsal
