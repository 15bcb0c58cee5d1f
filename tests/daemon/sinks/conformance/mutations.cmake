# Bugs of the sinks that others have had, planted on purpose.
#
#   mutation(NAME FILE BREAKS OLD NEW)
#
# FILE is in daemon/sinks/, BREAKS says which words of the contract (SPEC 13) no longer hold, and OLD
# is text that occurs exactly once in FILE. See tests/mutations/mutations.cmake.

mutation(no_look_up ticket_life.cc
  "after a lost answer the other side is asked before it is made again"
  [[if (traits_.finds && (unknown || !traits_.finds_only_lost)) {]]
  [[if (traits_.finds && !unknown && !traits_.finds_only_lost) {]])
mutation(any_key ticket_life.cc
  "what a look-up returns is used only if it carries our key"
  [[return seen.key != telling_.key;]]
  [[return seen.key == "no key";]])
mutation(retry_behind delivery_schedule.cc
  "an older revision is never sent after a newer one of its ticket"
  [[  ticket->second.waiting.push_front(std::move(delivery));
  ticket->second.reason]]
  [[  ticket->second.waiting.push_back(std::move(delivery));
  ticket->second.reason]])
mutation(told_again ticket_life.cc
  "what was told, and not acknowledged, is not told again as something new"
  [[const bool may_be_ours = before_ && before_->operation == kResolve;]]
  [[const bool may_be_ours = false;]])
mutation(closed_is_open ticket_life.cc
  "what a person closed is not touched"
  [[seen.state == store::RemoteState::kClosed && !by_us
                        ? store::RemoteState::kClosedByPerson
                        : seen.state;]]
  [[seen.state == store::RemoteState::kClosedByPerson && by_us ? seen.state
                                                                           : store::RemoteState::kOpen;]])
mutation(no_retry_after system_http.cc
  "Retry-After is honoured"
  [[status == 429 ? WaitAskedFor(*response, now) : ParseRetryAfter(response->retry_after, now);]]
  [[0 * (status == 429 ? WaitAskedFor(*response, now) : ParseRetryAfter(response->retry_after, now));]])
mutation(no_intent ticket_life.cc
  "the intent is committed before the request"
  [[    if (Answer answer = Intend(may_be_twins ? kCreateAgain : kCreate); !answer.done())
      return answer;]]
  [[]])
