#include "daemon/replay/ticket_output.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include "daemon/replay/terminal.h"
#include "daemon/words/ticket_json.h"

namespace signinwatch::replay {

TicketOutput::TicketOutput(const ReplayOptions& options, std::FILE* out)
    : json_(options.format == ReplayOptions::Format::kJson),
      events_(options.events),
      out_(out),
      table_(TerminalColumns(out), WantsColour(out), options.events, HasColumns(out)),
      // With `events` the tickets are only counted, and have no text to keep.
      final_([this](const Ticket& ticket) { return events_ ? std::string() : Render(ticket); }) {}

std::string TicketOutput::Render(const Ticket& ticket) const {
  return json_ ? words::TicketToJson(ticket) + "\n" : table_.Row(ticket);
}

void TicketOutput::Add(Ticket ticket) {
  if (events_) Write(Render(ticket));
  final_.Update(std::move(ticket));
}

void TicketOutput::Flush() {
  if (status_.ok() && std::fflush(out_) != 0) NoteFailure(errno);
}

void TicketOutput::Finish() {
  if (!events_ && status_.ok()) {
    const absl::Status kept =
        final_.ForEachSorted([this](std::string_view text) { return Write(text); });
    if (status_.ok()) status_ = kept;
  }
  Flush();
}

bool TicketOutput::Write(std::string_view text) {
  if (!status_.ok()) return false;
  std::string header;
  if (!json_ && !std::exchange(header_written_, true)) {
    header = table_.Header();
    text = (header += text);
  }
  if (std::fwrite(text.data(), 1, text.size(), out_) == text.size()) return true;
  NoteFailure(errno);
  return false;
}

void TicketOutput::NoteFailure(int error) {
  reader_gone_ = error == EPIPE;
  status_ = absl::Status(absl::ErrnoToStatusCode(error),
                         "standard output: " + std::generic_category().message(error));
}

}  // namespace signinwatch::replay
