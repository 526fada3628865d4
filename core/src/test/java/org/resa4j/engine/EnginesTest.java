package org.resa4j.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.resa4j.attention.AttentionShape;
import org.resa4j.engine.Device.Kind;
import org.resa4j.engine.Engines.Choice;
import org.resa4j.error.DeviceException;
import org.resa4j.error.InputException;
import org.resa4j.error.Setting;
import org.resa4j.model.Model;

/** Which device is taken where none was named, whatever the order in which engines list theirs. */
class EnginesTest {
  private record Offer(String name, List<Device> devices) implements EngineProvider {
    @Override
    public Engine open(Model model, EngineOptions options, OpenProgress progress) {
      throw new UnsupportedOperationException();
    }

    @Override
    public AttentionLayer openAttention(AttentionShape shape, EngineOptions options) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<Diagnosis> diagnose() {
      return List.of();
    }
  }

  private static Device device(String id, Kind kind) {
    String backend = id.contains(":") ? id.substring(0, id.indexOf(':')) : "vector";
    String engine = id.contains(":") ? "tornado" : "jvm";
    return new Device(id, engine, backend, id, kind, 1, 1, true, 1);
  }

  private static List<String> order(Device... devices) {
    List<Device> others = new ArrayList<>(List.of(devices));
    Offer jvm = new Offer("jvm", List.of(device("jvm", Kind.CPU)));
    return Engines.ranked(List.of(new Offer("tornado", others), jvm)).stream()
        .map(choice -> choice.device().id())
        .toList();
  }

  @Test
  void aGpuComesBeforeTheJvmAndThatBeforeTheCpusOpenCl() {
    assertThat(order(device("opencl:0", Kind.CPU))).containsExactly("jvm", "opencl:0");
    assertThat(order(device("opencl:0", Kind.CPU), device("opencl:1", Kind.GPU)))
        .containsExactly("opencl:1", "jvm", "opencl:0");
    assertThat(order(device("opencl:0", Kind.ACCELERATOR))).containsExactly("opencl:0", "jvm");
  }

  @Test
  void cudaComesBeforePtxBeforeOpenClInAnyOrderAndSubset() {
    List<Device> card =
        List.of(
            device("cuda:0", Kind.GPU), device("ptx:0", Kind.GPU), device("opencl:0", Kind.GPU));
    for (int subset = 1; subset < 8; subset++) {
      List<Device> listed = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        if ((subset >> i & 1) == 1) {
          listed.add(card.get(i));
        }
      }
      List<String> expected = new ArrayList<>(listed.stream().map(Device::id).toList());
      expected.add("jvm");
      expected.add("opencl:1");
      listed.add(device("opencl:1", Kind.CPU));
      for (List<Device> order : permutations(listed)) {
        assertThat(order(order.toArray(Device[]::new)))
            .as("%s", order)
            .containsExactlyElementsOf(expected);
      }
    }
  }

  @Test
  void equalDevicesKeepTheirOrder() {
    assertThat(order(device("cuda:0", Kind.GPU), device("cuda:1", Kind.GPU)))
        .containsExactly("cuda:0", "cuda:1", "jvm");
  }

  private static List<List<Device>> permutations(List<Device> devices) {
    if (devices.isEmpty()) {
      return List.of(List.of());
    }
    List<List<Device>> all = new ArrayList<>();
    for (Device first : devices) {
      List<Device> others = new ArrayList<>(devices);
      others.remove(first);
      for (List<Device> rest : permutations(others)) {
        List<Device> one = new ArrayList<>(List.of(first));
        one.addAll(rest);
        all.add(one);
      }
    }
    return all;
  }

  @Test
  void whatIsNotThereIsNamedWithWhatIs() {
    Choice jvm = Engines.choose(Optional.empty(), Optional.empty());
    assertThat(jvm.device().id()).isEqualTo("jvm");
    assertThat(Engines.choose(Optional.of("jvm"), Optional.of("jvm"))).isNotNull();
    assertThatThrownBy(() -> Engines.choose(Optional.of("abacus"), Optional.empty()))
        .hasMessageContaining("abacus")
        .isInstanceOfSatisfying(
            InputException.class, e -> assertThat(e.settings()).containsExactly(Setting.ENGINE));
    assertThatThrownBy(() -> Engines.choose(Optional.empty(), Optional.of("moon:7")))
        .hasMessageContaining("moon:7")
        .hasMessageContaining("[jvm]")
        .isInstanceOfSatisfying(
            DeviceException.class, e -> assertThat(e.settings()).containsExactly(Setting.DEVICE));
  }
}
