// How a ticket's values are written in sentences: numbers, times, names, lists.
//
// Shared by the title and summary (ticket_summary.h) and the runbook (runbook.h). All text is
// UTF-8; what comes from records is passed through Shown before it is put into a sentence.
#ifndef SIGNINWATCH_DAEMON_WORDS_PHRASES_H_
#define SIGNINWATCH_DAEMON_WORDS_PHRASES_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "detectors/ticket.h"
#include "parser/event_time.h"

namespace signinwatch::words {

inline constexpr size_t kNameBytesMax = 80;  // of a user, application or actor in a sentence
inline constexpr size_t kNamesShown = 5;     // of a list in a sentence

[[nodiscard]] std::string Join(std::initializer_list<std::string_view> parts);

// A name from a record as it is shown in one line: what would break the line or turn its reading
// order is a blank, and what is longer than kNameBytesMax is cut between characters and ends in
// "...".
[[nodiscard]] std::string Shown(std::string_view name);

[[nodiscard]] std::string Plural(uint64_t count, std::string_view one, std::string_view many);
[[nodiscard]] std::string FailuresWords(uint64_t count);  // "1 failed sign-in"
// "2 hours 5 minutes": the two largest units that follow each other, without those that are zero.
[[nodiscard]] std::string DurationWords(int64_t seconds);
[[nodiscard]] std::string DayWords(EventTime time);  // "23 November"
[[nodiscard]] std::string Moment(EventTime time);    // "2026-11-24 09:00:00 UTC"
// "between 2026-11-24 09:00:00 and 09:18:05 UTC": the burst's first and last failure.
[[nodiscard]] std::string SpanWords(const Ticket& ticket);

// "a (3), b (1) and 7 more": the first kNamesShown of `total`, by name where there is one.
[[nodiscard]] std::string CountedWords(std::span<const Counted> values, uint64_t total);
// "session in two places", of "session_elsewhere"; of a later version: the name with blanks.
[[nodiscard]] std::string FindingWords(std::string_view name);
[[nodiscard]] std::string CodesWords(const Ticket& ticket);  // as CountedWords, most frequent first
[[nodiscard]] std::string CausesWords(const std::map<Cause, uint64_t>& counts);
[[nodiscard]] std::string KindsWords(const std::map<ChangeKind, uint64_t>& counts);

// The user by user principal name, else object id; of tenant tickets "tenant " and its id.
[[nodiscard]] std::string WhoWords(const Ticket& ticket);

// The change that decides the cause (SPEC 6.2): the latest that is no revocation, else the latest
// revocation; of several at one time the strongest. nullptr when none explains the burst, and for
// tenant tickets, which list no changes. Points into `ticket`.
[[nodiscard]] const TicketChange* DecidingChange(const Ticket& ticket);
// " on 2026-11-24 08:46:00 UTC (actor admin@contoso.example)"; empty when no change decides.
[[nodiscard]] std::string DecidingChangeWords(const Ticket& ticket);
// "14 minutes before the first failure"; a change may also be a little after it (max_clock_skew).
[[nodiscard]] std::string AgeWords(int64_t age_seconds);

}  // namespace signinwatch::words

#endif  // SIGNINWATCH_DAEMON_WORDS_PHRASES_H_
