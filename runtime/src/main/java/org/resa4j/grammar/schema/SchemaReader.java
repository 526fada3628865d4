package org.resa4j.grammar.schema;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.resa4j.grammar.schema.Node.Choice;
import org.resa4j.grammar.schema.Node.Elements;
import org.resa4j.grammar.schema.Node.Length;
import org.resa4j.grammar.schema.Node.Numbers;
import org.resa4j.grammar.schema.Node.Shape;
import org.resa4j.grammar.schema.Properties.Property;
import tools.jackson.databind.JsonNode;

/** Makes nodes of a schema, and refuses what they would not enforce. Not thread-safe. */
final class SchemaReader {
  private static final int MOST_CHARACTERS = 1 << 18;
  private static final int MOST_NODES = 5_000;
  private static final int MOST_ALTERNATIVES = SchemaText.MOST_READINGS;
  private static final int MOST_COUNT = 1_000_000;

  /** Of names and values, in about as many characters. */
  private static final int MOST_WORD_PLACES = 20_000;

  private static final String ENUM = "enum";
  private static final String CONST = "const";
  private static final String REF = "$ref";
  private static final String ANY_OF = "anyOf";
  private static final String ALL_OF = "allOf";
  private static final String TYPE = "type";
  private static final String REQUIRED = "required";
  private static final String PROPERTIES = "properties";
  private static final String ADDITIONAL = "additionalProperties";
  private static final String PREFIX = "prefixItems";
  private static final String ITEMS = "items";
  private static final String NAMES_RULE = "must be a list of names";

  private final References references;
  private final List<Node> nodes = new ArrayList<>();

  // By the object: what a reference leads to is what stands there.
  private final Map<JsonNode, Integer> known = new IdentityHashMap<>();

  private final List<Place> places = new ArrayList<>();
  private final Deque<Task> tasks = new ArrayDeque<>();
  private Optional<Integer> anything = Optional.empty();
  private int wordPlaces;

  private SchemaReader(JsonNode root) {
    references = new References(root);
  }

  /**
   * A schema to be read.
   *
   * @param node the number of its node
   */
  private record Task(int node, Place place, JsonNode schema) {}

  /**
   * The nodes of a schema by number; the first is its own.
   *
   * @param source its text
   */
  static List<Node> read(JsonNode schema, String source) {
    if (source.length() > MOST_CHARACTERS) {
      throw Place.ROOT.unsupported(
          "is not supported: it has more than %d characters".formatted(MOST_CHARACTERS));
    }
    SchemaReader reader = new SchemaReader(schema);
    reader.node(Place.ROOT, schema);
    while (!reader.tasks.isEmpty()) {
      Task task = reader.tasks.remove();
      reader.nodes.set(task.node(), reader.read(task.place(), task.schema()));
    }
    return reader.flat();
  }

  /** The number of a schema's node, which is made later. */
  private int node(Place place, JsonNode schema) {
    Integer number = known.get(schema);
    if (number != null) {
      return number;
    }
    int made = reserve(place);
    known.put(schema, made);
    tasks.add(new Task(made, place, schema));
    return made;
  }

  private int reserve(Place place) {
    if (nodes.size() == MOST_NODES) {
      throw place.unsupported(
          "is not supported: it is one of more than %d schemas".formatted(MOST_NODES));
    }
    nodes.add(new Choice(List.of()));
    places.add(place);
    return nodes.size() - 1;
  }

  /** The node of what may be any value. */
  private int anything(Place place) {
    if (anything.isEmpty()) {
      int made = reserve(place);
      anything = Optional.of(made);
      Properties any = new Properties(List.of(), new Words.Builder(0).build(), made);
      nodes.set(
          made,
          shape(
              EnumSet.allOf(Type.class),
              new Length(0, Integer.MAX_VALUE),
              any,
              new Elements(List.of(), made, 0, Integer.MAX_VALUE)));
    }
    return anything.get();
  }

  private Node read(Place place, JsonNode schema) {
    if (schema.isBoolean()) {
      return new Choice(schema.asBoolean() ? List.of(anything(place)) : List.of());
    }
    if (!schema.isObject()) {
      throw place.invalid("must be a schema: an object, true or false");
    }
    Keywords.check(place, schema);
    if (schema.has(REF)) {
      Keywords.checkAlone(place, schema, Set.of(REF));
      return reference(place.at(REF), schema.get(REF));
    }
    if (schema.has(ANY_OF)) {
      Keywords.checkAlone(place, schema, Set.of(ANY_OF));
      return new Choice(list(place.at(ANY_OF), schema.get(ANY_OF)));
    }
    if (schema.has(ALL_OF)) {
      Keywords.checkAlone(place, schema, Set.of(ALL_OF));
      List<Integer> all = list(place.at(ALL_OF), schema.get(ALL_OF));
      if (all.size() > 1) {
        throw place.at(ALL_OF).unsupported("is not supported with more than one schema");
      }
      return new Choice(all);
    }
    if (schema.has(ENUM) || schema.has(CONST)) {
      Keywords.checkAlone(place, schema, Set.of(ENUM, CONST, TYPE));
      return constants(place, schema);
    }
    Set<Type> types = Type.of(place, schema);
    return shape(types, length(place, schema), object(place, schema), array(place, schema));
  }

  private Choice reference(Place place, JsonNode reference) {
    if (!reference.isString()) {
      throw place.invalid("must be a string");
    }
    References.Target target = references.find(place, reference.asString());
    return new Choice(List.of(node(target.place(), target.schema())));
  }

  /** The nodes of a list of schemas. */
  private List<Integer> list(Place place, JsonNode schemas) {
    if (!schemas.isArray() || schemas.isEmpty()) {
      throw place.invalid("must be a list of schemas, at least one");
    }
    List<Integer> numbers = new ArrayList<>();
    for (JsonNode each : schemas) {
      numbers.add(node(place.at(numbers.size()), each));
    }
    return numbers;
  }

  private Shape constants(Place at, JsonNode schema) {
    Place place = at.at(schema.has(ENUM) ? ENUM : CONST);
    JsonNode values = schema.path(ENUM);
    if (schema.has(ENUM) && (!values.isArray() || values.isEmpty())) {
      throw place.invalid("must be a list of values, at least one");
    }
    Set<Type> types = Type.of(at, schema);
    List<JsonNode> left =
        (schema.has(ENUM) ? values.values() : List.of(schema.get(CONST)))
            .stream()
                .filter(each -> !schema.has(CONST) || each.equals(schema.get(CONST)))
                .filter(each -> types.stream().anyMatch(type -> type.has(each)))
                .toList();
    if (left.isEmpty()) {
      throw place.invalid("has no value that is right by type and const as well");
    }
    Words.Builder words = words();
    for (JsonNode each : left) {
      if (!Constants.add(each, words)) {
        throw place.unsupported("is not supported: it has a number above the range of a double");
      }
      checkRoom(place, words);
    }
    return new Shape(
        Optional.of(built(words)),
        Numbers.NONE,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** Names or values, as many as there is room for. */
  private Words.Builder words() {
    return new Words.Builder(Math.max(0, MOST_WORD_PLACES - wordPlaces));
  }

  private static void checkRoom(Place place, Words.Builder words) {
    if (words.isFull()) {
      throw place.unsupported(
          "is not supported: names and values have more than %d characters in all"
              .formatted(MOST_WORD_PLACES));
    }
  }

  private Words built(Words.Builder words) {
    wordPlaces += words.size();
    return words.build();
  }

  /** What the values of some types are, of what there would be of all. */
  private Shape shape(Set<Type> types, Length string, Properties object, Elements array) {
    Words.Builder words = new Words.Builder(MOST_WORD_PLACES);
    if (types.contains(Type.NULL)) {
      words.begin(0).text("null").end();
    }
    if (types.contains(Type.BOOLEAN)) {
      words.begin(0).text("true").end();
      words.begin(0).text("false").end();
    }
    Numbers numbers = types.contains(Type.INTEGER) ? Numbers.WHOLE : Numbers.NONE;
    return new Shape(
        words.isEmpty() ? Optional.empty() : Optional.of(words.build()),
        types.contains(Type.NUMBER) ? Numbers.ANY : numbers,
        Optional.of(string).filter(any -> types.contains(Type.STRING)),
        Optional.of(object).filter(any -> types.contains(Type.OBJECT)),
        Optional.of(array).filter(any -> types.contains(Type.ARRAY)));
  }

  private static Length length(Place place, JsonNode schema) {
    int least = count(place, schema, "minLength").orElse(0);
    int most = count(place, schema, "maxLength").orElse(Integer.MAX_VALUE);
    if (least > most) {
      throw place.at("minLength").invalid("is above maxLength");
    }
    return new Length(least, most);
  }

  private static OptionalInt count(Place place, JsonNode schema, String keyword) {
    if (!schema.has(keyword)) {
      return OptionalInt.empty();
    }
    JsonNode value = schema.get(keyword);
    if (!value.isIntegralNumber() || value.bigIntegerValue().signum() < 0) {
      throw place.at(keyword).invalid("must be a whole number from 0");
    }
    if (!value.canConvertToInt() || value.intValue() > MOST_COUNT) {
      throw place.at(keyword).unsupported("is not supported above %d".formatted(MOST_COUNT));
    }
    return OptionalInt.of(value.intValue());
  }

  private Elements array(Place place, JsonNode schema) {
    int least = count(place, schema, "minItems").orElse(0);
    int most = count(place, schema, "maxItems").orElse(Integer.MAX_VALUE);
    if (least > most) {
      throw place.at("minItems").invalid("is above maxItems");
    }
    List<Integer> first =
        schema.has(PREFIX) ? list(place.at(PREFIX), schema.get(PREFIX)) : List.of();
    if (schema.has(ITEMS) && schema.get(ITEMS).isArray()) {
      throw place.at(ITEMS).unsupported("is not supported as a list: prefixItems has one");
    }
    return new Elements(first, within(place, schema, ITEMS), least, most);
  }

  /** The node of what a keyword has; of any value where it is not there. */
  private int within(Place place, JsonNode schema, String keyword) {
    return schema.has(keyword)
        ? node(place.at(keyword), schema.get(keyword))
        : anything(place.at(keyword));
  }

  private Properties object(Place place, JsonNode schema) {
    JsonNode more = schema.path(ADDITIONAL);
    boolean closed = more.isBoolean() && !more.asBoolean();
    int other = closed ? Properties.NO_OTHER : within(place, schema, ADDITIONAL);
    Set<String> required = required(place.at(REQUIRED), schema.path(REQUIRED));
    // Those that must be there without being declared come last.
    Map<String, Integer> named = named(place.at(PROPERTIES), schema.path(PROPERTIES));
    for (String name : required) {
      if (closed && !named.containsKey(name)) {
        throw place.at(REQUIRED).invalid("names %s, which may not be there".formatted(name));
      }
      named.putIfAbsent(name, other);
    }
    List<Property> declared = new ArrayList<>();
    Words.Builder names = words();
    named.forEach(
        (name, node) -> {
          names.begin(declared.size()).characters(name).end();
          checkRoom(place.at(PROPERTIES), names);
          declared.add(new Property(node, required.contains(name)));
        });
    return new Properties(declared, built(names), other);
  }

  private Map<String, Integer> named(Place place, JsonNode schemas) {
    if (!schemas.isMissingNode() && !schemas.isObject()) {
      throw place.invalid("must be an object of schemas");
    }
    Map<String, Integer> named = new LinkedHashMap<>();
    schemas
        .properties()
        .forEach(each -> named.put(each.getKey(), node(place.at(each.getKey()), each.getValue())));
    return named;
  }

  private static Set<String> required(Place place, JsonNode names) {
    Set<String> required = new LinkedHashSet<>();
    if (!names.isMissingNode() && !names.isArray()) {
      throw place.invalid(NAMES_RULE);
    }
    for (JsonNode each : names) {
      if (!each.isString()) {
        throw place.invalid(NAMES_RULE);
      }
      required.add(each.asString());
    }
    return required;
  }

  /** The nodes, with choices of nothing but shapes. */
  private List<Node> flat() {
    List<Node> flat = new ArrayList<>(nodes);
    for (int i = 0; i < nodes.size(); i++) {
      if (nodes.get(i) instanceof Choice choice) {
        flat.set(i, new Choice(shapes(choice, places.get(i))));
      }
    }
    return flat;
  }

  /** What a choice leads to, through choices of choices; one that leads to itself has no more. */
  private List<Integer> shapes(Choice from, Place place) {
    Set<Integer> seen = new LinkedHashSet<>();
    Deque<Integer> left = new ArrayDeque<>(from.among());
    List<Integer> shapes = new ArrayList<>();
    while (!left.isEmpty()) {
      int next = left.pop();
      if (!seen.add(next)) {
        continue;
      }
      switch (nodes.get(next)) {
        case Choice choice -> choice.among().reversed().forEach(left::push);
        case Shape shape -> shapes.add(next);
      }
      if (shapes.size() > MOST_ALTERNATIVES) {
        throw place.unsupported(
            "is not supported: it has more than %d alternatives".formatted(MOST_ALTERNATIVES));
      }
    }
    return shapes;
  }
}
