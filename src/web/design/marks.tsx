/** People, badges, icons, and what stands in for what is not there. */
import { Avatar, Avatars } from "../ui/avatar.tsx";
import { Badge, ColorDot, CountBadge, LabelBadge, type Tone } from "../ui/badge.tsx";
import { BrandMark } from "../ui/brand-mark.tsx";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Icon, iconNames } from "../ui/icon.tsx";
import { Kbd } from "../ui/kbd.tsx";
import { Skeleton, Spinner } from "../ui/skeleton.tsx";
import { Sample, Section } from "./section.tsx";

const tones: readonly Tone[] = ["neutral", "accent", "good", "warn", "danger"];
const people = ["Ana Berg", "Ben", "Carla Diaz Ortega", "Dong", "Eve Ngata", "Finn"].map((name) => ({
  id: name,
  name,
}));
const [ana = { id: "ana", name: "Ana" }] = people;

export function MarksSection() {
  return (
    <>
      <Section title="People">
        <div class="design-row">
          {([16, 20, 24, 32] as const).map((size) => (
            <Sample key={size} name={`${size} px`}>
              <Avatar person={ana} size={size} />
            </Sample>
          ))}
          {(["active", "away"] as const).map((status) => (
            <Sample key={status} name={status}>
              <Avatar person={ana} status={status} label={`Ana Berg (${status})`} />
            </Sample>
          ))}
          <Sample name="several">
            <Avatars people={people} more={(count) => `+${count}`} />
          </Sample>
        </div>
      </Section>
      <Section title="Badges">
        <div class="design-row">
          {tones.map((tone) => (
            <Sample key={tone} name={tone}>
              <Badge tone={tone} icon="calendar">
                21 Nov
              </Badge>
            </Sample>
          ))}
          <Sample name="label">
            <LabelBadge name="web" color="#1f6feb" />
          </Sample>
          <Sample name="colour of a label">
            <ColorDot color="#1f6feb" />
          </Sample>
          <Sample name="count">
            <CountBadge count={7} />
          </Sample>
          <Sample name="very many">
            <CountBadge count={700} />
          </Sample>
          <Sample name="keys">
            <Kbd keys="Mod+k" />
          </Sample>
          <Sample name="one after the other">
            <Kbd keys="g i" />
          </Sample>
        </div>
      </Section>
      <Section title="The product">
        <BrandMark />
      </Section>
      <Section title="Icons">
        <ul class="design-icons">
          {iconNames.map((name) => (
            <li key={name}>
              <Icon name={name} />
              <code>{name}</code>
            </li>
          ))}
        </ul>
      </Section>
      <Section title="Not there yet, not there">
        <div class="design-row">
          <Sample name="text">
            <Skeleton lines={3} />
          </Sample>
          <Sample name="cards">
            <Skeleton lines={2} shape="card" />
          </Sample>
          <Sample name="spinner">
            <Spinner />
          </Sample>
        </div>
        <EmptyState icon="inbox" title="Nothing here" text="What others tell you appears here.">
          <Button kind="primary">Do something</Button>
        </EmptyState>
      </Section>
    </>
  );
}
