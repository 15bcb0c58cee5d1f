// One ticket for each cause, scope and finding, for the tests of what is said of it.
#ifndef SIGNINWATCH_TESTS_DAEMON_WORDS_SAMPLE_TICKETS_H_
#define SIGNINWATCH_TESTS_DAEMON_WORDS_SAMPLE_TICKETS_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/ticket.h"

namespace signinwatch::words {

inline constexpr const char* kSampleUser = "aaaaaaaa-0000-0000-0000-000000000001";
inline constexpr const char* kSampleTenant = "11111111-2222-3333-4444-555555555555";
inline constexpr const char* kSampleTicket = "6f6f4c5e-0000-5000-8000-000000000001";

[[nodiscard]] EventTime At(std::string_view text);
// Of one record, not made during the burst.
[[nodiscard]] TicketChange Change(std::string_view time, ChangeKind kind, int64_t age_seconds,
                                  std::string actor);

// Open tickets of 37 failures within 18 minutes; where a change decides the cause, it is one by
// admin@contoso.example 14 minutes before. The tenant's has 34 users.
[[nodiscard]] Ticket UserTicket(Cause cause);
[[nodiscard]] Ticket TenantTicket(Cause cause);
[[nodiscard]] Ticket MakeTicket(GroupBy scope, Cause cause);

struct TicketCase {
  GroupBy scope;
  Cause cause;
  Findings findings;
};

// Every scope, cause and finding.
[[nodiscard]] std::vector<TicketCase> AllTicketCases();
[[nodiscard]] std::string TicketCaseName(const ::testing::TestParamInfo<TicketCase>& info);

}  // namespace signinwatch::words

#endif  // SIGNINWATCH_TESTS_DAEMON_WORDS_SAMPLE_TICKETS_H_
