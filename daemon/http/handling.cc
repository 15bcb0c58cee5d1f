#include "daemon/http/handling.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <vector>

#include "daemon/http/api.h"
#include "daemon/http/problem.h"
#include "daemon/json/json_value.h"

namespace signinwatch::http {
namespace {

using Parameters = std::multimap<std::string, std::string>;

constexpr size_t kPersonBytesMax = 256;

std::string PersonOf(const HttpRequest& request) {
  if (request.user.empty()) return "local";
  size_t end = std::min(request.user.size(), kPersonBytesMax);
  // Not within a character.
  while (end > 0 && end < request.user.size() && (request.user[end] & 0xc0) == 0x80) --end;
  return request.user.substr(0, end);
}

// What is wrong with parameters of which each may be given once.
std::vector<ParameterProblem> ProblemsOf(const Parameters& given,
                                         const std::vector<std::string>& allowed) {
  std::vector<ParameterProblem> problems;
  for (auto at = given.begin(); at != given.end(); at = given.upper_bound(at->first)) {
    if (std::find(allowed.begin(), allowed.end(), at->first) == allowed.end()) {
      problems.push_back({at->first.substr(0, kPersonBytesMax), "no such parameter", allowed});
    } else if (given.count(at->first) > 1) {
      problems.push_back({at->first, "given more than once", {}});
    }
  }
  return problems;
}

std::optional<std::string> ValueOf(const Parameters& given, const char* name) {
  const auto found = given.find(name);
  return found == given.end() ? std::nullopt : std::optional(found->second);
}

HttpReply Missing() { return ProblemReply(404, "no such ticket"); }

HttpReply StatusReply(const absl::Status& status) {
  if (absl::IsNotFound(status)) return Missing();
  if (absl::IsInvalidArgument(status)) return ProblemReply(409, std::string(status.message()));
  return StoreProblemReply(status);
}

// What has been done with it now; the answer to all that changes it.
HttpReply AnswerOf(store::TicketStore& store, const std::string& ticket_id,
                   const absl::Status& status) {
  if (!status.ok()) return StatusReply(status);
  store::TicketHandling handling;
  if (const absl::Status read = store.Handling(ticket_id, &handling); !read.ok()) {
    return StatusReply(read);
  }
  HttpReply reply{.content_type = kJsonType, .body = {}};
  json::JsonWriter json(&reply.body);
  WriteHandling(json, handling);
  return reply;
}

// The revision that is asked for, or the last. 0: it is no number.
absl::Status RevisionOf(store::TicketStore& store, const std::string& ticket_id,
                        const Parameters& given, uint32_t* revision) {
  if (const auto text = ValueOf(given, "revision"); text.has_value()) {
    const char* const end = text->data() + text->size();
    const auto [at, error] = std::from_chars(text->data(), end, *revision);
    if (error != std::errc() || at != end) *revision = 0;
    return absl::OkStatus();
  }
  std::vector<std::string> revisions;
  const absl::Status status = store.TicketRevisions(ticket_id, &revisions);
  if (!status.ok()) return status;
  if (revisions.empty()) return absl::NotFoundError("there is no such ticket");
  *revision =
      static_cast<uint32_t>(json::JsonDocument(revisions.back()).root()["revision"].Count());
  return absl::OkStatus();
}

HttpReply Review(store::TicketStore& store, const std::string& ticket_id,
                 const HttpRequest& request, EventTime now) {
  uint32_t revision = 0;
  const absl::Status found = RevisionOf(store, ticket_id, request.parameters, &revision);
  if (!found.ok()) return StatusReply(found);
  if (revision == 0) {
    return ParametersReply({{"revision", "not the number of a revision: 1, 2, 3, ...", {}}});
  }
  return AnswerOf(store, ticket_id, store.Review(ticket_id, revision, PersonOf(request), now));
}

HttpReply Tick(store::TicketStore& store, const std::string& ticket_id, const std::string& step,
               const HttpRequest& request, EventTime now) {
  std::vector<std::string> revisions;
  const absl::Status status = store.TicketRevisions(ticket_id, &revisions);
  if (!status.ok()) return StatusReply(status);
  if (revisions.empty()) return Missing();
  const json::JsonDocument document(revisions.back());
  const std::vector<json::JsonValue> runbook = document.root()["runbook"].Elements();
  const bool known =
      std::any_of(runbook.begin(), runbook.end(),
                  [&step](const json::JsonValue& each) { return each["title"].Text() == step; });
  if (!known) {
    return ProblemReply(409, "the ticket's runbook has no such step now; look at it again");
  }
  return AnswerOf(store, ticket_id,
                  store.Tick(ticket_id, {.step = step, .at = now, .by = PersonOf(request)}));
}

HttpReply WithStep(store::TicketStore& store, const std::string& ticket_id,
                   const HttpRequest& request, bool done, EventTime now) {
  const std::optional<std::string> step = ValueOf(request.parameters, "step");
  if (!step.has_value() || step->empty()) {
    return ParametersReply({{"step", "the title of the step has to be given", {}}});
  }
  if (done) return Tick(store, ticket_id, *step, request, now);
  return AnswerOf(store, ticket_id, store.TakeBackTick(ticket_id, *step));
}

// The page within this site that a form is on; `otherwise`, where the browser does not tell.
std::string BackTo(const HttpRequest& request, const std::string& otherwise) {
  const size_t scheme = request.referer.find("://");
  if (scheme == std::string::npos || request.hosts.empty()) return otherwise;
  const size_t path = request.referer.find('/', scheme + 3);
  if (path == std::string::npos ||
      request.referer.substr(scheme + 3, path - scheme - 3) != request.hosts.front() ||
      request.referer.compare(path, 2, "//") == 0) {
    return otherwise;
  }
  return request.referer.substr(path);
}

// Whether a form says that it is done; nothing: neither yes nor no.
std::optional<bool> DoneOf(const HttpRequest& request) {
  const std::optional<std::string> done = ValueOf(request.parameters, "done");
  if (done == "yes") return true;
  if (done == "no") return false;
  return std::nullopt;
}

HttpReply DoneProblem() { return ParametersReply({{"done", "no such value", {"yes", "no"}}}); }

HttpReply BackAfter(const HttpReply& reply, const HttpRequest& request,
                    const std::string& ticket_id) {
  if (reply.status != 200) return reply;
  return {.status = 303, .body = "", .location = BackTo(request, "/tickets/" + ticket_id)};
}

}  // namespace

void WriteReview(json::JsonWriter& json, const store::TicketReview& review) {
  json.Open('{');
  json.Member("needed", review.needed);
  if (review.at == kBeginningOfTime) {
    for (const char* key : {"at", "by", "revision"}) {
      json.Key(key);
      json.Null();
    }
  } else {
    json.Member("at", review.at);
    json.Member("by", review.by);
    json.Member("revision", review.revision);
  }
  json.Close('}');
}

void WriteHandling(json::JsonWriter& json, const store::TicketHandling& handling) {
  json.Open('{');
  json.Key("review");
  WriteReview(json, handling.review);
  json.Key("ticks");
  json.Open('[');
  for (const store::StepTick& tick : handling.ticks) {
    json.Open('{');
    json.Member("step", tick.step);
    json.Member("at", tick.at);
    json.Member("by", tick.by);
    json.Close('}');
  }
  json.Close(']');
  json.Close('}');
}

HttpReply ReviewReply(store::TicketStore& store, const std::string& ticket_id,
                      const HttpRequest& request, EventTime now) {
  if (!IsTicketId(ticket_id)) return Missing();
  const bool done = request.method == "POST";
  const auto problems = ProblemsOf(
      request.parameters, done ? std::vector<std::string>{"revision"} : std::vector<std::string>{});
  if (!problems.empty()) return ParametersReply(problems);
  if (done) return Review(store, ticket_id, request, now);
  return AnswerOf(store, ticket_id, store.TakeBackReview(ticket_id));
}

HttpReply TickReply(store::TicketStore& store, const std::string& ticket_id,
                    const HttpRequest& request, EventTime now) {
  if (!IsTicketId(ticket_id)) return Missing();
  const auto problems = ProblemsOf(request.parameters, {"step"});
  if (!problems.empty()) return ParametersReply(problems);
  return WithStep(store, ticket_id, request, request.method == "POST", now);
}

HttpReply ReviewFormReply(store::TicketStore& store, const std::string& ticket_id,
                          const HttpRequest& request, EventTime now) {
  if (!IsTicketId(ticket_id)) return Missing();
  const auto problems = ProblemsOf(request.parameters, {"done", "revision"});
  if (!problems.empty()) return ParametersReply(problems);
  const std::optional<bool> done = DoneOf(request);
  if (!done.has_value()) return DoneProblem();
  return BackAfter(*done ? Review(store, ticket_id, request, now)
                         : AnswerOf(store, ticket_id, store.TakeBackReview(ticket_id)),
                   request, ticket_id);
}

HttpReply TickFormReply(store::TicketStore& store, const std::string& ticket_id,
                        const HttpRequest& request, EventTime now) {
  if (!IsTicketId(ticket_id)) return Missing();
  const auto problems = ProblemsOf(request.parameters, {"done", "step"});
  if (!problems.empty()) return ParametersReply(problems);
  const std::optional<bool> done = DoneOf(request);
  if (!done.has_value()) return DoneProblem();
  return BackAfter(WithStep(store, ticket_id, request, *done, now), request, ticket_id);
}

}  // namespace signinwatch::http
