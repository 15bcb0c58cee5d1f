// Which successful sign-ins detection learns nothing from (SPEC 14): nearly all records are
// successes, and nearly all of these repeat what is known of their user's day.
//
// A success tells detection that its address's network, its country, its device and the method of
// MFA were seen on its UTC day, and when first (SPEC 6.2, 6.5), or, if interactive with a modern
// client, that the user is back (6.4). So one is needed that may be a return, or is the first of
// its user, sources, method and day, or earlier than those of them that were sent. All others
// change no ticket.
//
// It only forgets what it was told, never invents: where it is cleared or full, more is sent than
// needed. Clear it whenever what it let through may not arrive, or another instance goes on.
#ifndef SIGNINWATCH_DAEMON_INGEST_SUCCESS_FILTER_H_
#define SIGNINWATCH_DAEMON_INGEST_SUCCESS_FILTER_H_

#include <cstddef>

#include "absl/container/flat_hash_map.h"
#include "parser/ids.h"
#include "parser/message_parser.h"
#include "parser/table_hash.h"

namespace signinwatch::ingest {

// Not thread-safe.
class SuccessFilter {
 public:
  // At most twice so many days of users are remembered, about 50 bytes each.
  explicit SuccessFilter(size_t entries_max) : entries_max_(entries_max) {}

  // Whether the signal is to be sent; it is taken for sent then. `message` holds its text.
  [[nodiscard]] bool Needs(const Signal& signal, const ParsedMessage& message);
  void Clear();
  [[nodiscard]] size_t size() const { return young_.size() + old_.size(); }

 private:
  // First event time of each user, sources, method and day, in microseconds into the day.
  using Firsts = absl::flat_hash_map<Hash128, int64_t, TableHash>;

  const size_t entries_max_;
  // When the younger is full it takes the place of the older: what was used since is in both.
  Firsts young_, old_;
};

}  // namespace signinwatch::ingest

#endif  // SIGNINWATCH_DAEMON_INGEST_SUCCESS_FILTER_H_
