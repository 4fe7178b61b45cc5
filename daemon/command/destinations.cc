#include "command/destinations.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/exit_codes.h"
#include "base/text.h"
#include "deliver/identity.h"
#include "mail/envelope.h"
#include "schedule/route.h"
#include "settings/aliases.h"
#include "store/route_text.h"

namespace mailchute {

namespace {

constexpr int kNothing = 1;

Result<Mailbox> parse(const std::string& text) {
  auto mailbox = Mailbox::parse(text, Mailbox::Utf8::Allowed);
  if (mailbox) return std::move(*mailbox);
  return fail(printable(text) + " is no address: " + mailbox.error().text, exit_code::kBadAddress);
}

Way way_by(const UpstreamSettings& upstream, const Mailbox& sender) {
  const OriginatorRules rules = originator_rules(sender, upstream);
  return {upstream.name, upstream.provider, sender_text(rules.sender), rules.from.value_or(sender).text()};
}

Destination destination(const Settings& settings, const Mailbox& target, const Mailbox& sender) {
  Destination made{target.text(), {}};
  for (const std::string& name : route_upstreams(choose_route(settings.routes, sender, target))) {
    const auto found = std::find_if(settings.upstreams.begin(), settings.upstreams.end(),
                                    [&](const UpstreamSettings& each) { return each.name == name; });
    if (found != settings.upstreams.end()) made.ways.push_back(way_by(*found, sender));
  }
  return made;
}

std::string way_text(const Way& way) {
  return printable(way.upstream) + " (" + printable(way.provider) + "), as MAIL FROM:<" +
         printable(way.mail_from) + ">, From: " + printable(way.from) + "\n";
}

}  // namespace

Result<Destinations> destinations_of(const Settings& settings, const std::string& address,
                                     const std::string& sender) {
  const Mailbox asked = TRY(parse(address));
  const Aliases aliases = aliases_of(settings);
  const Mailbox from = aliases.completed(TRY(parse(sender.empty() ? "root" : sender)));
  Destinations all{asked.text(), aliases.is_local(asked), from.text(), {}};
  const auto targets = aliases.resolve(asked, settings.limits.recipients);
  if (!targets) return fail(targets.error().text, kNothing);
  for (const Mailbox& target : *targets) all.targets.push_back(destination(settings, target, from));
  return all;
}

std::string destinations_text(const Destinations& destinations) {
  std::string text = printable(destinations.asked) +
                     (destinations.local ? " is a name of this machine" : " is an address elsewhere") +
                     "; for mail from " + printable(destinations.sender) + ":\n";
  for (const Destination& target : destinations.targets) {
    text += "to " + printable(target.address) + "\n";
    for (std::size_t i = 0; i < target.ways.size(); ++i)
      text += (i == 0 ? "  by " : "  or by ") + way_text(target.ways[i]);
    if (target.ways.empty()) text += "  by nothing: no upstream is configured\n";
  }
  return text;
}

}  // namespace mailchute
