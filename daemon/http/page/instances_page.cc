#include "daemon/http/page/instances_page.h"

#include <optional>
#include <string>
#include <vector>

#include "daemon/http/instance_details.h"
#include "daemon/http/page/html.h"
#include "daemon/http/page/layout.h"
#include "daemon/http/problem.h"
#include "daemon/http/words.h"

namespace signinwatch::http {
namespace {

// "0, 3, 4"
std::string ListOf(const std::vector<store::Shard>& shards) {
  std::string text;
  for (const store::Shard shard : shards)
    text += (text.empty() ? "" : ", ") + std::to_string(shard);
  return text.empty() ? "none" : text;
}

Html Row(const store::Instance& instance, const PageContext& context) {
  const std::optional<uint64_t> lag = LagRecordsOf(instance.facts);
  Html html;
  return html.Add(
      "<tr><th scope=\"row\"><bdi>{}</bdi>{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td>"
      "<td>{}</td><td>{}</td></tr>\n",
      instance.facts.name, instance.is_this ? " (this one)" : "", instance.facts.role,
      instance.facts.version, ListOf(instance.shards), lag ? Thousands(*lag) : "not known",
      AgoHtml(instance.facts.started_at, context.now), AgoHtml(instance.seen_at, context.now));
}

}  // namespace

HttpReply InstancesPage(store::InstanceStore& store, const PageContext& context) {
  store::Instances instances;
  if (const absl::Status found = store.FindInstances(context.now, &instances); !found.ok()) {
    return StoreProblemReply(found);
  }
  Html rows;
  for (const store::Instance& instance : instances.seen) rows.Add(Row(instance, context));
  Html unowned;
  if (!instances.unowned.empty()) {
    unowned.Add(
        "<p class=\"problem\">No instance works on partition {}: tenants in it get no tickets.</p>",
        ListOf(instances.unowned));
  }
  Html main;
  main.Add(R"(<section>
<h1>Instances</h1>
<p class="note">Heard of in the last minute, on this store. Those of the role ingest are here if they have a store.url; each has a status page of its own.</p>
{}<div class="wide" tabindex="0" role="group" aria-label="Instances"><table class="numbers">
<thead><tr><th scope="col">instance</th><th scope="col">role</th><th scope="col">version</th><th scope="col">partitions</th><th scope="col">messages behind</th><th scope="col">started</th><th scope="col">heard of</th></tr></thead>
<tbody>
{}</tbody></table></div>
</section>
)",
           unowned, rows);
  return PageReply("Instances - signinwatch", "/instances", main);
}

}  // namespace signinwatch::http
