// The ticket store of an instance that has none: the role `ingest`.
#ifndef SIGNINWATCH_DAEMON_SERVE_NO_TICKETS_H_
#define SIGNINWATCH_DAEMON_SERVE_NO_TICKETS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/store/ticket_store.h"

namespace signinwatch::serve {

// Thread-safe.
class NoTickets final : public store::TicketStore {
 public:
  absl::Status FindTickets(const store::TicketFilter& /*filter*/,
                           store::TicketPage* page) override {
    *page = {};
    return absl::OkStatus();
  }
  absl::Status TenantDays(EventTime /*from*/, std::vector<store::TenantDay>* days) override {
    days->clear();
    return absl::OkStatus();
  }
  absl::Status LoadTicketPeaks(EventTime /*since*/,
                               std::vector<store::TicketPeak>* peaks) override {
    peaks->clear();
    return absl::OkStatus();
  }
  absl::Status TicketRevisions(const std::string& /*id*/, std::vector<std::string>*) override {
    return None();
  }
  absl::Status RemoteTicketsOf(const std::string& /*id*/,
                               std::vector<store::RemoteTicket>*) override {
    return None();
  }
  absl::Status RollUpsOf(const std::string& /*id*/, store::TicketRollUps*) override {
    return None();
  }
  absl::Status FindTicketIds(const std::string& /*beginning*/, size_t /*limit*/,
                             std::vector<std::string>* ids) override {
    ids->clear();
    return absl::OkStatus();
  }
  absl::Status Review(const std::string& /*id*/, uint32_t /*revision*/, const std::string& /*by*/,
                      EventTime /*at*/) override {
    return None();
  }
  absl::Status TakeBackReview(const std::string& /*id*/) override { return None(); }
  absl::Status Tick(const std::string& /*id*/, const store::StepTick& /*tick*/) override {
    return None();
  }
  absl::Status TakeBackTick(const std::string& /*id*/, const std::string& /*step*/) override {
    return None();
  }
  absl::Status Handling(const std::string& /*id*/, store::TicketHandling* /*handling*/) override {
    return None();
  }

 private:
  static absl::Status None() {
    return absl::NotFoundError("this instance has the role ingest: tickets are with detect");
  }
};

}  // namespace signinwatch::serve

#endif  // SIGNINWATCH_DAEMON_SERVE_NO_TICKETS_H_
