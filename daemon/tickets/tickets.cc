#include "daemon/tickets/tickets.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/clock/clock.h"
#include "daemon/json/json_value.h"
#include "daemon/rehearsal/preview.h"
#include "daemon/replay/terminal.h"
#include "daemon/store/open_store.h"
#include "daemon/tickets/ticket_text.h"
#include "daemon/words/example_ticket.h"
#include "daemon/words/ticket_json.h"
#include "parser/ascii.h"
#include "parser/harmful_characters.h"

namespace signinwatch::tickets {
namespace {

constexpr int kFailed = 1;
constexpr int kNotUsable = 2;  // no store, or no such sink

int Complain(const absl::Status& status, int code, std::FILE* err) {
  std::fprintf(err, "signinwatch tickets: %s\n", std::string(status.message()).c_str());
  return code;
}

// False once the reader has gone or the disk is full.
bool Write(std::string_view text, std::FILE* out) {
  return std::fwrite(text.data(), 1, text.size(), out) == text.size();
}

int Finish(bool written, std::FILE* out, std::FILE* err) {
  if (written && std::fflush(out) == 0) return 0;
  std::fputs("signinwatch tickets: cannot write to standard output\n", err);
  return kFailed;
}

// A page at a time, so that a long list needs no memory.
int List(store::TicketStore& store, const TicketsOptions& options, std::FILE* out, std::FILE* err) {
  const bool json = options.format == TicketsOptions::Format::kJson;
  const TicketList table(replay::TerminalColumns(out), replay::WantsColour(out),
                         replay::HasColumns(out));
  store::TicketFilter filter = options.filter;
  size_t left = options.filter.limit;
  store::TicketPage page;
  bool written = true;
  do {
    filter.limit = std::min(left, store::kTicketPageMax);
    page = {};
    const absl::Status status = store.FindTickets(filter, &page);
    if (!status.ok()) return Complain(status, kFailed, err);
    if (!json && filter.cursor.empty() && !page.tickets.empty()) {
      written = Write(table.Header(), out);
    }
    for (const std::string& ticket : page.tickets) {
      written = written && Write(json ? EscapeHarmfulInJson(ticket) + "\n"
                                      : table.Row(json::JsonDocument(ticket).root()),
                                 out);
    }
    left -= std::min(left, page.tickets.size());
    filter.cursor = page.next_cursor;
  } while (written && left > 0 && !page.next_cursor.empty());
  if (!page.next_cursor.empty()) {
    std::fprintf(err, "signinwatch tickets: %zu of %llu, --limit shows more\n",
                 options.filter.limit - left, static_cast<unsigned long long>(page.total));
  } else if (!json && left == options.filter.limit) {
    std::fputs("signinwatch tickets: there are none\n", err);
  }
  return Finish(written, out, err);
}

// The one ticket whose id is `text` or begins with it. kInvalidArgument names those that do.
absl::Status FindTicket(store::TicketStore& store, const std::string& text,
                        std::string* ticket_id) {
  constexpr size_t kNamed = 10;
  std::vector<std::string> ids;
  if (absl::Status s = store.FindTicketIds(text, kNamed + 1, &ids); !s.ok()) return s;
  if (ids.empty()) return absl::NotFoundError("there is no such ticket");
  *ticket_id = ids.front();  // of several, the shortest is the first: it may be `text` itself
  if (ids.size() == 1 || ids.front() == text) return absl::OkStatus();
  std::string message = text + " is the beginning of more than one ticket's id:";
  for (size_t i = 0; i < std::min(ids.size(), kNamed); ++i) message += "\n  " + ids[i];
  if (ids.size() > kNamed) message += "\n  and more";
  return absl::InvalidArgumentError(message);
}

// All revisions of the ticket that the options name.
absl::Status FindRevisions(store::TicketStore& store, const TicketsOptions& options,
                           std::vector<std::string>* revisions) {
  std::string beginning = options.ticket_id;
  std::transform(beginning.begin(), beginning.end(), beginning.begin(), LowerAsciiOf);
  std::string ticket_id;
  absl::Status status = FindTicket(store, beginning, &ticket_id);
  return status.ok() ? store.TicketRevisions(ticket_id, revisions) : status;
}

int Show(store::TicketStore& store, const TicketsOptions& options, std::FILE* out, std::FILE* err) {
  std::vector<std::string> revisions;
  const absl::Status status = FindRevisions(store, options, &revisions);
  if (!status.ok()) return Complain(status, kFailed, err);
  if (options.format == TicketsOptions::Format::kJson) {
    const bool written = std::all_of(revisions.begin(), revisions.end(), [out](const auto& each) {
      return Write(EscapeHarmfulInJson(each) + "\n", out);
    });
    return Finish(written, out, err);
  }
  std::deque<json::JsonDocument> documents;
  std::vector<json::JsonValue> values;
  for (std::string& revision : revisions) {
    documents.emplace_back(std::move(revision));
    values.push_back(documents.back().root());
  }
  return Finish(Write(TicketStory(values, replay::TerminalColumns(out), replay::WantsColour(out),
                                  replay::HasColumns(out)),
                      out),
                out, err);
}

int Preview(const config::SinkConfig& sink, const std::string& json,
            const store::RolledUp& rolled_up, std::FILE* out, std::FILE* err) {
  const absl::StatusOr<std::string> preview = rehearsal::PreviewTicket(sink, json, rolled_up);
  if (!preview.ok()) return Complain(preview.status(), kNotUsable, err);
  return Finish(Write(*preview, out), out, err);
}

int PreviewStored(store::Store& store, const config::SinkConfig& sink,
                  const TicketsOptions& options, std::FILE* out, std::FILE* err) {
  std::vector<std::string> revisions;
  absl::Status status = FindRevisions(store, options, &revisions);
  if (!status.ok()) return Complain(status, kFailed, err);
  const std::string& json = revisions.back();
  store::RolledUp rolled_up;
  status = store.RolledUpUnder(sink.name, json::JsonDocument(json).root()["ticket_id"].Text(),
                               EventTime::max(), &rolled_up);
  if (!status.ok()) return Complain(status, kFailed, err);
  return Preview(sink, json, rolled_up, out, err);
}

}  // namespace

int RunTickets(const config::Config& config, const TicketsOptions& options, std::FILE* out,
               std::FILE* err) {
  const config::SinkConfig* sink = nullptr;
  if (options.action == TicketsOptions::Action::kPreview) {
    std::string fault;
    sink = rehearsal::FindSink(config, options.sink, &fault);
    if (sink == nullptr) return Complain(absl::NotFoundError(fault), kNotUsable, err);
    if (options.ticket_id.empty()) {
      return Preview(*sink,
                     words::TicketToJson(words::ExampleTicket(clock::SystemClock().Wall()),
                                         config.serve.http.external_url),
                     {}, out, err);
    }
  }
  store::StoreOptions store_options =
      store::StoreOptionsOf(config.serve.store, clock::SystemClock());
  store_options.read_only = true;
  const absl::StatusOr<std::unique_ptr<store::Store>> store = store::OpenStore(store_options);
  if (!store.ok()) return Complain(store.status(), kNotUsable, err);
  if (sink != nullptr) return PreviewStored(**store, *sink, options, out, err);
  return options.action == TicketsOptions::Action::kShow ? Show(**store, options, out, err)
                                                         : List(**store, options, out, err);
}

}  // namespace signinwatch::tickets
