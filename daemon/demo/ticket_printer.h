// Hands tickets from the pipeline's thread to the one that prints them.
#ifndef SIGNINWATCH_DAEMON_DEMO_TICKET_PRINTER_H_
#define SIGNINWATCH_DAEMON_DEMO_TICKET_PRINTER_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <mutex>

#include "daemon/replay/ticket_table.h"
#include "detectors/ticket.h"

namespace signinwatch::demo {

class TicketPrinter {
 public:
  // Revisions that wait to be printed; beyond that they are counted and left out.
  static constexpr size_t kWaitingMax = 1'000;

  explicit TicketPrinter(std::FILE* out);

  // From any thread; does no I/O.
  void Add(const Ticket& ticket);
  // Prints what was added, the first time with a header.
  void Print();
  // Revisions added, and those of them that opened a ticket. From any thread.
  struct Counts {
    uint64_t revisions = 0, opened = 0, resolved = 0, left_out = 0;
  };
  [[nodiscard]] Counts counts() const;

 private:
  std::FILE* out_;
  const replay::TicketTable table_;
  bool header_printed_ = false;
  mutable std::mutex mutex_;  // guards what follows
  std::deque<Ticket> waiting_;
  Counts counts_;
};

}  // namespace signinwatch::demo

#endif  // SIGNINWATCH_DAEMON_DEMO_TICKET_PRINTER_H_
