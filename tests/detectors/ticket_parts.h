// The tables that tickets of bursts are made from, for the tests of those that make them.
#ifndef SIGNINWATCH_TESTS_DETECTORS_TICKET_PARTS_H_
#define SIGNINWATCH_TESTS_DETECTORS_TICKET_PARTS_H_

#include <chrono>
#include <string_view>

#include "detectors/burst_tickets.h"
#include "tests/detectors/moments.h"

namespace signinwatch {

struct TicketParts {
  static DetectionConfig Config() {
    DetectionConfig config;
    config.rules[0].threshold = 3;
    return config;
  }
  TicketParts() {
    tenants.text(tenant) = "tenant1";
    journal.Start();
  }
  UserKey User(std::string_view name) const { return UserKey(tenant, MakeId<UserId>(name)); }
  TrackRef Of(const UserKey& key) const {
    return {rules.RuleOf(key.is_tenant() ? GroupBy::kTenant : GroupBy::kUser, 0), key};
  }
  // A failure of the user, for the rules of the ref's key. Its track, settled.
  Track* Fail(const TrackRef& ref, std::string_view user, Duration after) {
    Failure failure;
    failure.time = kMorning + after;
    failure.user = {pool.Intern(user), false};
    failure.user_principal_name = pool.Intern("user@contoso.example");
    Track& track = tracks.Get(ref);
    const TrackUpdate update = tracks.Add(ref, &track, failure, now.watermark);
    tickets.NoteJoined(&track, update, now);
    const bool moved = tracks.SettleSome(ref, &track) || update.joined;
    tickets.NoteFailure(ref, &track, update, failure, moved, now);
    return &track;
  }

  DetectionConfig config = Config();
  RuleBook rules{config};
  TextPool pool;
  FailureProfiles profiles;
  ChangeJournal journal;
  TenantTable tenants{10};
  UserTable users{100};
  CredentialLog credentials{&pool, 10};
  MfaMethods methods{100};
  RiskLog risks{&pool, 10};
  AuditLog audits{&pool, 10};
  TrackTable tracks{&config, &rules, &pool, &journal};
  Explainer explainer{&config, &pool, &credentials, &users};
  Evidence evidence{{.config = &config,
                     .pool = &pool,
                     .users = &users,
                     .credentials = &credentials,
                     .methods = &methods,
                     .risks = &risks,
                     .audits = &audits}};
  TicketFacts facts{&config, &rules, &pool, &profiles, &users, &tracks, &explainer, &evidence};
  BurstTickets tickets{{.config = &config,
                        .rules = &rules,
                        .pool = &pool,
                        .users = &users,
                        .explainer = &explainer,
                        .facts = &facts,
                        .tenants = &tenants,
                        .tracks = &tracks,
                        .journal = &journal}};
  BurstTickets::Now now{kMorning, kMorning};
  const TenantIndex tenant = tenants.Add(MakeId<TenantId>("tenant1"));
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_TESTS_DETECTORS_TICKET_PARTS_H_
