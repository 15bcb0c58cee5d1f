// Drives a Detector with hand-made signals, for the tests of what is seen through its interface.
#ifndef SIGNINWATCH_TESTS_DETECTORS_DETECTOR_DRIVER_H_
#define SIGNINWATCH_TESTS_DETECTORS_DETECTOR_DRIVER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/detector.h"
#include "parser/message_parser.h"
#include "parser/signal.h"

namespace signinwatch {

// 2026-11-24T09:00:00Z.
inline constexpr EventTime kStart{std::chrono::seconds(1795510800)};

// What hands `rows` to Detector::Load.
[[nodiscard]] std::function<void(const StateVisitor&)> RowsIn(std::vector<StateRow> rows);

// A failed sign-in unless it is told otherwise. `at` is after kStart.
struct SignIn {
  Duration at{};
  int64_t code = 50132;
  std::string user = "user1";  // object id; empty: none
  std::string name = "user1@contoso.example";
  std::string id{};  // empty: none
  std::string tenant = "tenant1";
  std::string address = "192.0.2.1";
  std::string country = "DE";
  std::string device = "device1";
  bool interactive = false;
  bool guest = false;
  Category category = Category::kSignIn;
  // Of failures.
  ConditionalAccessStatus conditional_access = ConditionalAccessStatus::kUnknown;
  SignInRisk risk = SignInRisk::kNone;
  std::string client{};
  std::string token_type{};
  std::string session{};
  std::vector<std::string> failing_policies{};
  std::string home_tenant{};
  std::string mfa_method{};  // of successes
};

struct Risk {
  Duration at{};
  std::string type = "anomalousToken";
  std::string state = "atRisk";
  std::string id = "risk1";
  Duration updated{};  // after `at`
  std::string user = "user1";
  std::string level = "medium";
};

// A successful audit record.
struct Audit {
  Duration at{};
  std::string operation = "Reset password (by admin)";
  std::string user = "user1";
  std::string id{};
  std::string tenant = "tenant1";
  std::string actor = "admin@contoso.example";
  std::string target_name{};
};

class DetectorDriver {
 public:
  explicit DetectorDriver(const DetectionConfig& config = {});

  Outcome Apply(const SignIn& sign_in);
  Outcome Apply(const Audit& audit);
  Outcome Apply(const Risk& risk);
  // `count` failures of user1, `apart` from each other, from `at` on.
  void Burst(Duration at, int count = 10, Duration apart = std::chrono::seconds(10));
  // The watermark to `at` after kStart.
  void AdvanceTo(Duration at);
  void Finish();
  // The processing clock. Until it is set it is event time, as in replay.
  void SetMoment(Duration at) { moment_ = kStart + at; }

  // Save, and go on with a new detector that has loaded what was saved.
  [[nodiscard]] bool SaveAndReload(bool whole);
  // The same, with these rules from then on.
  [[nodiscard]] bool ReloadWith(std::vector<BurstRule> rules) {
    config_.rules = std::move(rules);
    return SaveAndReload(false);
  }
  [[nodiscard]] std::vector<StateRow> Rows();
  // Goes on with a new detector that has loaded these.
  [[nodiscard]] bool GoOnWith(std::vector<StateRow> rows);

  [[nodiscard]] Detector& detector() { return *detector_; }
  // All that were sent so far.
  [[nodiscard]] const std::vector<Ticket>& revisions() const { return revisions_; }
  // Their reasons, blank-separated.
  [[nodiscard]] std::string Reasons() const;
  // The last revision of each ticket, in the order in which they were opened.
  [[nodiscard]] std::vector<Ticket> Tickets() const;

 private:
  Outcome Apply(EventTime time);
  [[nodiscard]] EventTime Moment() const;
  void Take();
  Signal& Begin(std::string_view tenant, std::string_view user, std::string_view id,
                EventTime time);
  TextRef Text(std::string_view text);

  DetectionConfig config_;
  std::unique_ptr<Detector> detector_;
  ParsedMessage message_;
  EventTime greatest_ = kBeginningOfTime;
  std::optional<EventTime> moment_;
  std::vector<Ticket> revisions_;
  std::map<std::string, std::string> saved_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_TESTS_DETECTORS_DETECTOR_DRIVER_H_
