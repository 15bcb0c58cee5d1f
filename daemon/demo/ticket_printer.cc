#include "daemon/demo/ticket_printer.h"

#include <string>
#include <utility>

#include "daemon/replay/terminal.h"

namespace signinwatch::demo {

TicketPrinter::TicketPrinter(std::FILE* out)
    : out_(out),
      table_(replay::TerminalColumns(out), replay::WantsColour(out), /*events=*/true,
             replay::HasColumns(out)) {}

void TicketPrinter::Add(const Ticket& ticket) {
  const std::lock_guard lock(mutex_);
  ++counts_.revisions;
  if (ticket.reason == RevisionReason::kOpened) ++counts_.opened;
  if (ticket.reason == RevisionReason::kResolved) ++counts_.resolved;
  if (waiting_.size() >= kWaitingMax) {
    ++counts_.left_out;
    return;
  }
  waiting_.push_back(ticket);
}

void TicketPrinter::Print() {
  std::deque<Ticket> tickets;
  {
    const std::lock_guard lock(mutex_);
    tickets.swap(waiting_);
  }
  if (tickets.empty()) return;
  std::string text;
  if (!std::exchange(header_printed_, true)) text = table_.Header();
  for (const Ticket& ticket : tickets) text += table_.Row(ticket);
  std::fputs(text.c_str(), out_);
  std::fflush(out_);
}

TicketPrinter::Counts TicketPrinter::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

}  // namespace signinwatch::demo
