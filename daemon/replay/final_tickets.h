// The last state of each ticket, for the end of a replay.
//
// Tickets are held as they are up to kHeldMax; beyond that their text is put away in a temporary
// file, and a few hundred bytes a ticket stay in memory.
#ifndef SIGNINWATCH_DAEMON_REPLAY_FINAL_TICKETS_H_
#define SIGNINWATCH_DAEMON_REPLAY_FINAL_TICKETS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "daemon/files/temporary_file.h"
#include "detectors/ticket.h"
#include "parser/table_hash.h"

namespace signinwatch::replay {

class FinalTickets {
 public:
  static constexpr size_t kHeldMax = 20'000;

  // `render`: the ticket's text as it will be written.
  explicit FinalTickets(std::function<std::string(const Ticket&)> render,
                        size_t held_max = kHeldMax);

  // A later revision replaces an earlier one; one that says `merged` removes the ticket.
  void Update(Ticket ticket);

  // Without the merged ones.
  [[nodiscard]] size_t tickets() const { return tickets_.size(); }
  // All bursts of these tickets.
  [[nodiscard]] uint64_t bursts() const;

  // Each ticket's text, sorted by first_event_time, tenant, detector and user (the user id, or the
  // user principal name of those without), until `write` says false. An error is one of the
  // temporary file.
  [[nodiscard]] absl::Status ForEachSorted(const std::function<bool(std::string_view)>& write);

 private:
  struct Entry {
    std::tuple<EventTime, std::string, std::string, std::string> order;
    uint32_t reopened = 0;
    std::unique_ptr<Ticket> ticket;  // null: its text is in the file
    uint64_t offset = 0;
    size_t size = 0;
  };
  void PutAway();

  std::function<std::string(const Ticket&)> render_;
  size_t held_max_;
  size_t held_ = 0;
  absl::flat_hash_map<std::string, Entry, TableHash> tickets_;  // by ticket_id
  std::unique_ptr<files::TemporaryFile> file_;
};

}  // namespace signinwatch::replay

#endif  // SIGNINWATCH_DAEMON_REPLAY_FINAL_TICKETS_H_
