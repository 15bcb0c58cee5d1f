// A store that holds tickets in memory and forgets nothing, for what only reads them.
#ifndef SIGNINWATCH_TESTS_DAEMON_HTTP_FAKE_STORE_H_
#define SIGNINWATCH_TESTS_DAEMON_HTTP_FAKE_STORE_H_

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/store/ticket_store.h"

namespace signinwatch::http {

class FakeStore : public store::TicketStore {
 public:
  // A revision, as JSON; later ones of one ticket are added later.
  void Add(const std::string& json);
  // What reading answers from now on.
  void Fail(absl::Status status);
  [[nodiscard]] int searches() const;  // calls of FindTickets

  absl::Status FindTickets(const store::TicketFilter& filter, store::TicketPage* page) override;
  absl::Status TenantDays(EventTime from, std::vector<store::TenantDay>* days) override;
  absl::Status Review(const std::string& ticket_id, uint32_t revision, const std::string& by,
                      EventTime at) override;
  absl::Status TakeBackReview(const std::string& ticket_id) override;
  absl::Status Tick(const std::string& ticket_id, const store::StepTick& tick) override;
  absl::Status TakeBackTick(const std::string& ticket_id, const std::string& step) override;
  absl::Status Handling(const std::string& ticket_id, store::TicketHandling* handling) override;
  absl::Status TicketRevisions(const std::string& ticket_id,
                               std::vector<std::string>* revisions) override;
  absl::Status RemoteTicketsOf(const std::string& ticket_id,
                               std::vector<store::RemoteTicket>* remotes) override;
  absl::Status RollUpsOf(const std::string& ticket_id, store::TicketRollUps* roll_ups) override;
  std::map<std::string, store::TicketRollUps> roll_ups;  // by ticket; set before it is read
  // What is known of a ticket at sinks.
  void AddRemote(store::RemoteTicket remote);
  absl::Status LoadTicketPeaks(EventTime, std::vector<store::TicketPeak>*) override {
    return Unused();
  }
  absl::Status FindTicketIds(const std::string&, size_t, std::vector<std::string>*) override {
    return Unused();
  }

 private:
  static absl::Status Unused() { return absl::UnimplementedError("not for reading tickets"); }

  // What is filtered by, of the last revision.
  struct Entry {
    std::map<std::string, std::string> fields;
    EventTime first, last;
    std::vector<std::string> revisions;
    uint64_t failures = 0;
    bool excepted = false;
    size_t severity = 0, reviewed = 0;  // ranks from 1; reviewed 0: nobody has looked
    store::TicketHandling handling;
    [[nodiscard]] store::TicketReview review() const;
  };
  // Runs `change` on the entry of a ticket.
  template <typename Change>
  absl::Status Handle(const std::string& ticket_id, const Change& change);
  [[nodiscard]] static bool Matches(const Entry& entry, const store::TicketFilter& filter);

  mutable std::mutex mutex_;
  std::map<std::string, Entry> tickets_;  // by id
  absl::Status failure_;
  int searches_ = 0;
  std::vector<store::RemoteTicket> remotes_;
};

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_TESTS_DAEMON_HTTP_FAKE_STORE_H_
