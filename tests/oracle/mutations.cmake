# The mutations: one line of the detectors each, wrong on purpose.
#
#   mutation(NAME FILE BREAKS OLD NEW)
#
# FILE is in detectors/, BREAKS says which words of the contract (SPEC) no longer hold, and OLD is
# text that occurs exactly once in FILE. See tests/mutations/mutations.cmake.

# ---- Section 4: time, duplicates, arrival
mutation(duplicate_failures detector.cc
  "a second copy of a sign-in has no effect"
  [[if (code != nullptr && IsDuplicate(signal, config_.time.dedup_horizon)) {]]
  [[if (code == nullptr && IsDuplicate(signal, config_.time.dedup_horizon)) {]])
mutation(duplicate_changes detector_audit.cc
  "a second copy of a credential event has no effect"
  [[if (IsDuplicate(signal, config_.correlation.lookback)) {]]
  [[if (false) {]])
mutation(duplicate_any_category dedup_index.cc
  "duplicates have the same category, not only the same id"
  [[uint64_t(signal.category) << 16 | uint64_t(signal.tenant.form)]]
  [[uint64_t(signal.tenant.form)]])
mutation(return_not_saved detector.cc
  "a restart changes nothing: a return is written with the next commit"
  [[if (changed || returned) journal_.MarkUser(key);]]
  [[if (changed) journal_.MarkUser(key);]])

# ---- Section 5: sessions and bursts
mutation(quiet_closed session.cc
  "events of a session are less than Q apart, not Q"
  [[t - before->last() < rule.quiet]]
  [[t - before->last() <= rule.quiet]])
mutation(quiet_closed_after session.cc
  "the same, for an event that arrives before its neighbour"
  [[after->first() - t < rule.quiet]]
  [[after->first() - t <= rule.quiet]])
mutation(window_closed session.cc
  "the span (t - W, t] is open at t - W"
  [[while (failures_[low].time <= t - rule.window) drop(]]
  [[while (failures_[low].time < t - rule.window) drop(]])
mutation(users_one_more session.cc
  "a hot event needs min_users distinct users, not more"
  [[if (count_users && scratch->size() < rule.min_users) return false;]]
  [[if (count_users && scratch->size() <= rule.min_users) return false;]])
mutation(start_stays session.cc
  "disorder may move a burst's start, also by joining two"
  [[if (t >= hot_at_) return;  // can't make an earlier event hot]]
  [[return;]])
mutation(span_start_stays session.cc
  "the burst starts at the earliest event of the first hot event's span"
  [[start_ = std::min(start_, first_in_span->time);]]
  [[start_ = std::min(start_, hot_at_);]])
mutation(close_at_quiet session.cc
  "a burst closes when the records of its changes are in, not at its end + Q"
  [[return std::max({end + rule.quiet, end + kChangeRecords + kTick,]]
  [[if (skewed <= end) return end + rule.quiet;
  return std::max({end + rule.quiet, end + kChangeRecords + kTick,]])
mutation(close_in_change session.cc
  "a user burst stays open until its start + max_clock_skew + 5 min"
  [[skewed + max_clock_skew + kChangeRecords + kTick});]]
  [[skewed + max_clock_skew + kTick});]])

# ---- Section 6.1: changes
mutation(change_span_open credential_log.cc
  "a change takes all that are at most 5 min after its first"
  [[event.time > changes.back().time + kChangeSpan]]
  [[event.time >= changes.back().time + kChangeSpan]])
mutation(weakest_kind credential_log.cc
  "a change's kind is the strongest in it"
  [[change.kind = std::min(change.kind, KindIn(history[i], change));]]
  [[change.kind = KindIn(history[i], change);]])
mutation(actor_of_first credential_log.cc
  "the actor is that of the earliest record of the change's kind"
  [[if (KindIn(event, change) != change.kind) continue;]]
  [[if (event.kind == ChangeKind::kForceChange) continue;]])
mutation(stamp_beside_disable credential_log.cc
  "in a change with `Disable account` a synchronised stamp stays a revocation"
  [[meaning.disables = operation == kDisableAccount;]]
  [[]])
mutation(stamp_is_revocation credential_log.cc
  "a token stamp written by directory synchronisation is a password change"
  [[if ((reset || stamp || operation == kChangeUserPassword]]
  [[if ((reset || operation == kChangeUserPassword]])
mutation(sync_by_case credential_log.cc
  "the names of directory synchronisation are compared without case"
  [[EqualsWithoutCase(text.substr(0, prefix.size()), prefix)]]
  [[text.starts_with(prefix)]])
mutation(ignored_counts credential_log.cc
  "an operation of kind `ignore` is no credential event"
  [[if (meaning.kind == ChangeKind::kIgnore) return meaning;]]
  [[if (meaning.kind == ChangeKind::kIgnore) meaning.kind = ChangeKind::kRevoke;]])

# ---- Section 6.2: causes and findings
mutation(guest_unexplained explainer.cc
  "home_tenant goes before unexplained, for guests"
  [[return subject.guest ? Cause::kHomeTenant : Cause::kUnexplained;]]
  [[return Cause::kUnexplained;]])
mutation(guest_of_any burst_summary.cc
  "whether a user is a guest is told by the first event of the burst"
  [[    user->guest = failure.guest;]]
  [[    user->guest = user->guest || failure.guest;]])
mutation(adfs_familiar detector.cc
  "AD FS sign-ins make nothing familiar"
  [[if (signal.category != Category::kAdfsSignIn) {]]
  [[{]])
mutation(user_cause_of_burst ticket_facts.cc
  "users of a tenant ticket have the cause of their own events"
  [[{KeyOf(tenant, user), span.names_borne, span.first, span.last, facts.closed, span.guest},]]
  [[{KeyOf(tenant, user), span.names_borne, facts.ticket.first_event_time, span.last,
       facts.closed, span.guest},]])
mutation(skew_open explainer.cc
  "a change explains up to s + max_clock_skew, closed"
  [[ChangeKind::kForceChange || change.time < from || change.time > to)]]
  [[ChangeKind::kForceChange || change.time < from || change.time >= to)]])
mutation(lookback_open explainer.cc
  "a change explains from s - lookback, closed"
  [[ChangeKind::kForceChange || change.time < from || change.time > to)]]
  [[ChangeKind::kForceChange || change.time <= from || change.time > to)]])
mutation(revoke_decides explainer.cc
  "the latest change that is no revocation decides"
  [[return std::tuple(!is_revoke, time, -static_cast<int>(kind));]]
  [[return std::tuple(false && is_revoke, time, -static_cast<int>(kind));]])
mutation(names_by_case subject.cc
  "user principal names are compared without case"
  [[LowerAscii(lower);]]
  [[]])
mutation(sync_delay_open credential_log.cc
  "sync_delay: a 50126 failure in the 60 min up to the change, closed"
  [[event.time > t + kBadPasswordSpan) continue;]]
  [[event.time >= t + kBadPasswordSpan) continue;]])
mutation(expired_span_open explainer.cc
  "password_expired: a failure in [s - 24 h, e]"
  [[detail.expired.CountIn(subject.start - kExpiredSpan, subject.end)]]
  [[detail.expired.CountIn(subject.start - kExpiredSpan + Duration(1), subject.end)]])
mutation(incorrect_span_open explainer.cc
  "incorrect_password: failures in [s - 60 min, e]"
  [[detail.bad_passwords.CountIn(subject.start - kIncorrectSpan, subject.end)]]
  [[detail.bad_passwords.CountIn(subject.start - kIncorrectSpan + Duration(1), subject.end)]])
mutation(incorrect_one_more explainer.cc
  "incorrect_password: at least 5 failures"
  [[constexpr size_t kIncorrectCount = 5;]]
  [[constexpr size_t kIncorrectCount = 6;]])
mutation(familiar_day_less familiarity.cc
  "familiar on one of the familiar_days days before the day of s"
  [[DayMask(source, day - familiar_days, day - 1)]]
  [[DayMask(source, day - familiar_days + 1, day - 1)]])
mutation(familiar_whole_day familiarity.cc
  "on the day of s itself, a source is familiar only before s"
  [[if (day == source.newest) return GetFirst(source.first[0]) < into_day;]]
  [[if (day == source.newest) return true;]])
mutation(persistent_open ticket_facts.cc
  "persistent: earlier bursts that started in [s - 24 h, s)"
  [[burst.start >= start - kDay && burst.start < start]]
  [[burst.start > start - kDay && burst.start < start]])
mutation(persistent_closed ticket_facts.cc
  "persistent: longer than persistent_after"
  [[if (end - start > config_->tickets.persistent_after) return true;]]
  [[if (end - start >= config_->tickets.persistent_after) return true;]])

# ---- Sections 6.3, 6.4 and 7: tenants, returns, tickets
mutation(half_excluded ticket_facts.cc
  "the tenant's cause is the one that at least half of its users have"
  [[if (2 * count < users.size()) continue;]]
  [[if (2 * count <= users.size()) continue;]])
mutation(grown_burst_alone burst_tickets.cc
  "two bursts less than reopen_within apart have one ticket, however the first came to end so late"
  [[(session.ticket == 0 || HasLater(*track, session))]]
  [[session.ticket == 0]])
mutation(summary_of_old_start session.h
  "what a ticket counts begins with its burst, whose start may move"
  [[if (summary_ == nullptr || summarized_from_ != start_) StartSummary(distinct_max, scope);]]
  [[if (summary_ == nullptr) StartSummary(distinct_max, scope);]])
mutation(summary_of_old_sources detector.cc
  "a source is familiar by all successes, however late they came"
  [[tracks_.ForgetSummaries(key);]]
  [[]])
mutation(summary_without_joined session.cc
  "a session that two became has the failures of both"
  [[  ForgetSummary();
  SortTail();
  later.SortTail();]]
  [[  SortTail();
  later.SortTail();]])
mutation(parent_not_linked burst_tickets.cc
  "a tenant burst that shows after a user's ticket was resolved is linked to it"
  [[if (parent != nullptr && parent->last.ticket_id != last.parent_ticket_id) {]]
  [[if (parent != nullptr && parent->last.ticket_id == last.parent_ticket_id) {]])
mutation(parent_touching burst_tickets.cc
  "bursts that touch overlap"
  [[if (burst.start > end || burst.end < start || burst.start >= first) continue;]]
  [[if (burst.start >= end || burst.end <= start || burst.start >= first) continue;]])
mutation(returns_by_watermark user_state.cc
  "a return is kept while a burst that is open can ask for it"
  [[const EventTime from = Horizon(watermark);]]
  [[const EventTime from = watermark;]])
mutation(return_at_end user_state.cc
  "a return at the burst's end itself counts (e <= t)"
  [[std::lower_bound(returns.begin(), returns.end(), from);]]
  [[std::upper_bound(returns.begin(), returns.end(), from);]])
mutation(return_at_quiet user_state.cc
  "a return counts before e + Q, not at it"
  [[if (found == returns.end() || *found >= end) return std::nullopt;]]
  [[if (found == returns.end() || *found > end) return std::nullopt;]])
mutation(reopen_closed burst_tickets.cc
  "a burst reopens a ticket less than reopen_within after its end"
  [[burst.start - before->end < t_.config->tickets.reopen_within;]]
  [[burst.start - before->end <= t_.config->tickets.reopen_within;]])
mutation(ties_by_arrival burst_summary.cc
  "of several events at one time the one with the least id is the first"
  [[if (const int order = EventId::Compare(id, kept_id, pool); order != 0) return order < 0;]]
  [[]])

# ---- Section 7: what a receiver may count on
mutation(id_given_twice ticket_ids.cc
  "a ticket_id is never given to a second ticket"
  [[if (!starts_.try_emplace(id, start).second) return false;]]
  [[if (!starts_.try_emplace(id, start).second) return true;]])
mutation(ids_forgotten_early burst_tickets.cc
  "a ticket_id is taken as long as a session can hold its first sign-in"
  [[ids_.ForgetBefore(watermark - t_.rules->PastSpan(GroupBy::kUser));]]
  [[ids_.ForgetBefore(watermark);]])
mutation(ids_not_saved burst_tickets.cc
  "a ticket_id is taken after a restart too"
  [[EmitId(id, ids_.StartOf(id), emit);]]
  [[(void)id;]])
mutation(child_first burst_tickets.cc
  "a ticket is never sent before one that it names"
  [[if (entry->last.revision == 0) Review(number, now);]]
  [[return entry->last.ticket_id;]])
mutation(merged_into_nothing burst_tickets.cc
  "merged_into names the ticket that goes on, also when that is not held any more"
  [[for (const TicketNumber merging : std::exchange(entry->merging, {})) {]]
  [[for (const TicketNumber merging : std::vector<TicketNumber>()) {]])
mutation(merging_not_linked detector_rows.cc
  "the same, after a restart"
  [[tickets_.AfterLoad();]]
  [[]])
mutation(no_pace ticket_desk.cc
  "a ticket is never sent more than once a minute"
  [[std::max(moment, entry.sent_at + kPace);]]
  [[moment;]])
mutation(no_pace_after_resolution ticket_desk.cc
  "the same, after the resolution"
  [[const EventTime may_send = SendDue(*entry, moment);]]
  [[const EventTime may_send = moment;]])
mutation(last_word_lost burst_tickets.cc
  "what waits for its minute is sent also when the burst is forgotten"
  [[if (parting == nullptr) return Drop(number, now);]]
  [[return Drop(number, now);]])
mutation(last_word_not_saved ticket_desk.cc
  "the same, after a restart"
  [[bool parts = parting != nullptr;]]
  [[bool parts = false;]])
mutation(open_for_ever burst_tickets.cc
  "every ticket that was sent is resolved or merged in the end"
  [[(latest->session == nullptr && entry->last.state == TicketState::kOpen);]]
  [[false;]])

# ---- Section 6.5: evidence
mutation(place_in_network_alone burst_summary.cc
  "a session is elsewhere if two places differ in network and in country"
  [[both |= !same_network && !same_country;]]
  [[both |= !same_network;]])
mutation(place_of_adfs burst_summary.cc
  "AD FS sign-ins are in no place of a session"
  [[failure.country == 0 || failure.adfs]]
  [[failure.country == 0]])
mutation(home_tenant_of_members burst_summary.cc
  "the home tenant is told of guests only"
  [[if (guest) context.home_tenant_id]]
  [[context.home_tenant_id]])
mutation(risk_last_arrived risk_log.cc
  "of the versions of a risk event the one updated last counts, not the one that came last"
  [[if (VersionOf(entry, pool()) <= VersionOf(*known, pool())) return false;]]
  [[]])
mutation(risk_before_open evidence.cc
  "risk events count from s - risk_before on, that time included"
  [[entry.time < subject.start - t_.config->correlation.risk_before]]
  [[entry.time <= subject.start - t_.config->correlation.risk_before]])
mutation(risk_not_revised burst_tickets.cc
  "a risk event revises a resolved ticket"
  [[entry->recheck_risks = true;]]
  [[]])
mutation(risk_ticket_let_go rule_book.cc
  "tickets are held as long as risk events revise them"
  [[tickets_.revise_for, tickets_.revise_risks_for,]]
  [[tickets_.revise_for,]])
mutation(security_info_to_end evidence.cc
  "security info counts up to max_clock_skew after a short burst's start"
  [[const EventTime to = std::max(subject.end, subject.start + t_.config->time.max_clock_skew);]]
  [[const EventTime to = subject.end;]])
mutation(security_info_by_target audit_log.cc
  "security info without a user as target is its actor's"
  [[made.user = MakeId<UserId>(id);]]
  [[return made;]])
mutation(policies_always evidence.cc
  "policies are told where Conditional Access failed"
  [[if (context.conditional_access.failure > 0) {]]
  [[if (true) {]])
mutation(sync_of_disabled credential_log.cc
  "a stamp in a change with `Disable account` is no synchronisation"
  [[if (KindIn(event, change) == ChangeKind::kSync) times.push_back(event.time);]]
  [[if (event.kind == ChangeKind::kSync) times.push_back(event.time);]])
mutation(mfa_of_today familiarity.cc
  "methods of MFA are those of the days before the burst's day"
  [[DayMask(source, today - familiar_days, today - 1)]]
  [[DayMask(source, today - familiar_days, today)]])
mutation(findings_without_bound explainer.cc
  "findings raise the severity by two at most"
  [[constexpr int kUpsMax = 2;]]
  [[constexpr int kUpsMax = 9;]])
