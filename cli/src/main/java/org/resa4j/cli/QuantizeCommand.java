package org.resa4j.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.resa4j.GgufExport;
import org.resa4j.error.InputException;
import org.resa4j.format.Gguf;
import org.resa4j.format.GgufModel;
import org.resa4j.model.DType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes a GGUF file of a Hugging Face directory, or of another GGUF file. */
@Command(
    name = "quantize",
    description = {
      "Write a model in 16 or 32 bits as one GGUF file, which llama.cpp reads too.",
      "Embedding and head get 8 bits of Q4_0 too; rows that are no whole blocks keep 16."
    },
    mixinStandardHelpOptions = true)
final class QuantizeCommand implements Callable<Integer> {
  @Option(
      names = {"-m", "--model"},
      paramLabel = "PATH",
      description = "Hugging Face directory or GGUF file (default: the model that ships).")
  private Path model;

  @Option(
      names = "--type",
      required = true,
      paramLabel = "TYPE",
      description = "What matrices become: Q8_0, Q4_0, F16, BF16 or F32.")
  private DType type;

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "FILE",
      description = "Where to write it: a name that ends in .gguf.")
  private Path output;

  @Option(names = "--force", description = "Replace the file if it is there.")
  private boolean force;

  @Override
  public Integer call() {
    if (!GgufModel.types().contains(type)) {
      throw new UsageException(
          "--type must be one of %s, was %s".formatted(GgufModel.types(), type));
    }
    if (!Gguf.isFile(output)) {
      throw new UsageException("-o/--output must be a file's name that ends in .gguf");
    }
    if (Files.exists(output) && !force) {
      throw new InputException(output + ": is there already; --force replaces it");
    }
    Path directory = model != null ? ModelPath.check(model) : ModelFlags.shipped();
    GgufExport.Summary summary = GgufExport.write(directory, type, output, OpeningLine.standard());
    Terminal terminal = new Terminal();
    summary.notes().forEach(note -> terminal.note("note: " + note));
    terminal.line(said(summary));
    return 0;
  }

  private String said(GgufExport.Summary summary) {
    String formats =
        summary.formats().entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(format -> format.getValue() + " " + format.getKey())
            .collect(Collectors.joining(", "));
    String unquantised =
        summary.unquantised().isEmpty()
            ? ""
            : "; not quantised, their rows being no whole blocks: "
                + String.join(", ", summary.unquantised());
    return String.format(
        Locale.ROOT,
        "%s: %s, %.2f bits per weight; matrices: %s%s",
        output,
        Report.mebibytes(summary.bytes()),
        summary.bitsPerWeight(),
        formats,
        unquantised);
  }
}
